import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { EventType } from './events.ts'
import type { Need, Needs } from './needs.ts'
import { type OpenApi, openApi, sharedComponents } from './openapi.ts'
import type { Audience, Operation } from './operation.ts'

type Provided = {
  service: string
  version: string
  summary: string
  operations: Operation[]
  events: EventType[]
  /** What it asks of others, by target. */
  needs?: Needs[]
  /** The types of the events that it handles. */
  handles?: string[]
}

/** What a service provides and needs, as it answers at `/.well-known/contract`. */
export type Contract = {
  /** `sha256:` and the hash of everything below but the version. */
  digest: string
  owner: { service: string; version: string }
  provides: {
    openapi: OpenApi
    /** Everyone whom one of its operations names as a caller, sorted. */
    callers: Audience[]
    events: { type: string; summary: string; data: object }[]
  }
  needs: Record<string, object[]>
  handles: string[]
}

/** The two files that a repository keeps of a contract. Neither holds the version, so only a change of the contract changes them. */
export type ContractFiles = { 'openapi.json': object; 'contract.json': object }

/** Where the components that all services share are kept, seen from a service's folder. */
const SHARED_FILE = '../../packages/chassis/openapi.json'

/** Describes what a service provides and needs. The same operations, events and needs give the same digest. */
export function contractOf({ events, needs = [], handles = [], ...api }: Provided): Contract {
  const contract: Omit<Contract, 'digest'> = {
    owner: { service: api.service, version: api.version },
    provides: {
      openapi: openApi(api),
      callers: [...new Set(api.operations.flatMap(({ callers }) => callers))].sort(),
      events: events.map(({ type, summary, data }) => ({ type, summary, data: inline(data, 'output') }))
    },
    needs: Object.fromEntries(
      needs.map(({ target, operations }) => [target, Object.values(operations).map(describeNeed)])
    ),
    handles
  }
  return { digest: digestOf(contract), ...contract }
}

/**
 * `contract.json` refers to `openapi.json`, which is the larger part, and its digest stands for both. `openapi.json` refers to the components
 * that all services share instead of holding them.
 */
export function contractFiles({ digest, owner, provides, needs, handles }: Contract): ContractFiles {
  const { openapi, ...others } = provides
  return {
    'openapi.json': openApiFile(openapi),
    'contract.json': {
      digest,
      owner: { service: owner.service },
      provides: { openapi: 'openapi.json', ...others },
      needs,
      handles
    }
  }
}

/** The file of the components that all services share. */
export const sharedComponentsFile = () => ({
  openapi: '3.1.0',
  info: { title: 'Components of every service', version: UNVERSIONED },
  paths: {},
  components: sharedComponents()
})

function digestOf(contract: Omit<Contract, 'digest'>): string {
  const files = contractFiles({ digest: '', ...contract })
  return `sha256:${createHash('sha256').update(JSON.stringify(files)).digest('hex')}`
}

/** OpenAPI demands a version, and only a release has one. */
const UNVERSIONED = '0.0.0'

function openApiFile({ info, components, ...document }: OpenApi): object {
  const shared: Record<string, object> = sharedComponents()
  const isShared = (kind: string, name: string) => Object.hasOwn(shared[kind] ?? {}, name)
  const own = Object.entries(components).map(([kind, ofKind]) => [
    kind,
    Object.fromEntries(Object.entries(ofKind).filter(([name]) => !isShared(kind, name) || kind === 'securitySchemes'))
  ])
  const text = JSON.stringify({
    ...document,
    info: { ...info, version: UNVERSIONED },
    components: Object.fromEntries(own.filter(([, ofKind]) => Object.keys(ofKind!).length > 0))
  })
  return JSON.parse(text, (key, value) => {
    const [, kind = '', name = ''] = (key === '$ref' && /^#\/components\/(\w+)\/(\w+)$/.exec(value)) || []
    return isShared(kind, name) ? SHARED_FILE + value : value
  })
}

/** How an operation is asked, and the fields that are read of its answer. */
function describeNeed({ operation, method, path, params, query, body, reads }: Need) {
  const sent = Object.entries({ params, query, body }).flatMap(([part, schema]) =>
    schema ? [[part, inline(schema, 'output')]] : []
  )
  return { operation, method, path, sends: Object.fromEntries(sent), reads: inline(reads, 'input') }
}

/** A schema without references: an empty registry knows no names. */
const inline = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { io, metadata: z.registry<z.GlobalMeta>() })
