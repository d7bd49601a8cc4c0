import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { EventType } from './events.ts'
import type { Need, Needs } from './needs.ts'
import { type OpenApi, openApi, sharedComponents } from './openapi.ts'
import type { Audience, Operation } from './operation.ts'

/** The parts of a service's definition from which its contract is made. */
type Definition = {
  service: string
  version: string
  summary: string
  operations: Operation[]
  events: EventType[]
  /** The operations of other services that the service calls, by target. */
  needs?: Needs[]
  /** The types of the events that the service handles. */
  handles?: string[]
}

/** The contract of a service: what it provides and needs. The service serves this document at `/.well-known/contract`. */
export type Contract = {
  /** `sha256:` and the hash of all other fields except the version. */
  digest: string
  owner: { service: string; version: string }
  provides: {
    openapi: OpenApi
    /** The callers that the operations name, sorted. */
    callers: Audience[]
    events: { type: string; summary: string; data: object }[]
  }
  needs: Record<string, object[]>
  handles: string[]
}

/** The two files of a contract in the repository. Neither has the version, so only a change of the contract changes them. */
export type ContractFiles = { 'openapi.json': object; 'contract.json': object }

/** The path from a service's folder to the file of the components that all services share. */
const SHARED_FILE = '../../packages/chassis/openapi.json'

/** Returns the contract of a service. The same operations, events and needs always give the same digest. */
export function contractOf({ events, needs = [], handles = [], ...api }: Definition): Contract {
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
 * Returns the two files of a contract. `contract.json` refers to `openapi.json`, the larger part, and its digest covers both.
 * `openapi.json` refers to the file of the components that all services share.
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

/** Returns the file of the components that all services share. */
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

/** OpenAPI requires a version, but only releases have one. */
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

/** Describes how an operation is called, and which fields of its answer are read. */
function describeNeed({ operation, method, path, params, query, body, reads }: Need) {
  const sent = Object.entries({ params, query, body }).flatMap(([part, schema]) =>
    schema ? [[part, inline(schema, 'output')]] : []
  )
  return { operation, method, path, sends: Object.fromEntries(sent), reads: inline(reads, 'input') }
}

/** Returns a JSON Schema without references. The empty registry has no names to refer to. */
const inline = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { io, metadata: z.registry<z.GlobalMeta>() })
