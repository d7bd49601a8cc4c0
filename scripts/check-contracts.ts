import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type DataHolder, erasureProblems } from './erasure.ts'

// Fails if a service needs something that another service does not provide: an operation, a field of a request or an answer, or an event.
// Reads contract.json and openapi.json of every service.
type Schema = {
  $ref?: string
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
  oneOf?: Schema[]
}
type Media = { content?: Record<string, { schema: Schema }> }
type Described = {
  operationId: string
  'x-callers'?: string[]
  parameters?: { name: string; in: string }[]
  requestBody?: Media
  responses: Record<string, Media>
}
type Need = {
  operation: string
  method: string
  path: string
  sends?: { query?: Schema; body?: Schema }
  reads: Schema
}
type OpenApi = { paths: Record<string, Record<string, Described>>; components?: object }
type ContractFile = {
  provides: { events: { type: string }[] }
  needs: Record<string, Need[]>
  handles: string[]
}
type Contract = ContractFile & { openapi: OpenApi }

const { values } = parseArgs({ options: { root: { type: 'string', default: join(import.meta.dirname, '..') } } })
const contracts = new Map(
  globSync('services/*/contract.json', { cwd: values.root }).map(file => {
    const folder = dirname(file)
    const contract = { ...readJson<ContractFile>(file), openapi: readJson<OpenApi>(join(folder, 'openapi.json')) }
    return [basename(folder), contract] as const
  })
)
const published = new Set([...contracts.values()].flatMap(({ provides }) => provides.events.map(({ type }) => type)))

const wrong = [...contracts].flatMap(([owner, { needs, handles }]) => [
  ...handles.filter(type => !published.has(type)).map(type => `${owner} handles ${type}, which nobody publishes`),
  ...Object.entries(needs).flatMap(([target, operations]) =>
    operations.flatMap(need =>
      lacking(need, contracts.get(target)).map(what => `${owner} needs of ${target}: ${need.operation}, ${what}`)
    )
  )
])
const problems = [...wrong, ...erasureProblems([...contracts].map(dataHolder))]
for (const line of problems) console.error(line)
if (problems.length > 0) process.exit(1)

function dataHolder([name, { provides, handles, needs, openapi }]: [string, Contract]): DataHolder {
  const { bulkhead = {} } = readJson<{ bulkhead?: Record<string, string> }>(join('services', name, 'package.json'))
  const described = Object.values(openapi.paths).flatMap(methods => Object.entries(methods))
  return {
    name,
    store: bulkhead.store ?? 'none',
    noCustomerData: bulkhead.noCustomerData,
    publishes: provides.events.map(({ type }) => type),
    handles,
    calls: Object.entries(needs).flatMap(([target, operations]) =>
      operations.map(({ operation }) => ({ target, operation }))
    ),
    operations: described.map(([method, operation]) => ({
      id: operation.operationId,
      method,
      callers: operation['x-callers'] ?? []
    }))
  }
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(join(values.root, file), 'utf8'))
}

/** Describes each requirement of a need that the operation does not fulfil. */
function lacking({ operation, method, path, sends = {}, reads }: Need, target: Contract | undefined): string[] {
  if (!target) return ['which is no service']
  const { paths, components } = target.openapi
  const described = paths[path]?.[method]
  if (!described) return [`${method.toUpperCase()} ${path}, which does not exist there`]
  if (described.operationId !== operation) return [`which is called ${described.operationId} there`]
  const { parameters = [], requestBody, responses } = described
  const inQuery = new Set(parameters.filter(parameter => parameter.in === 'query').map(({ name }) => name))
  const answers = Object.entries(responses).flatMap(([status, media]) =>
    status.startsWith('2') ? schemaOf(media) : []
  )
  const [body = {}] = schemaOf(requestBody)
  const takesFields = body.$ref !== undefined || body.properties !== undefined // otherwise the body is bytes
  const least = answers
    .map(answer => missingIn(answer, reads, components))
    .sort((one, other) => one.length - other.length)[0]
  return [
    ...Object.keys(sends.query?.properties ?? {}).flatMap(name =>
      inQuery.has(name) ? [] : [`sends ?${name}, which it does not accept`]
    ),
    ...(sends.body && takesFields ? missingIn(body, sends.body, components) : []).map(
      place => `sends ${place}, which it does not accept`
    ),
    ...(least ?? missingIn({}, reads, components)).map(place => `reads ${place}, which it does not answer`)
  ]
}

/** Returns a list with the schema of the first media type; an empty list if there is none. */
function schemaOf(media: Media | undefined): Schema[] {
  const [first] = Object.values(media?.content ?? {})
  return first ? [first.schema] : []
}

/** Returns the JSON pointers of all fields that are in `wanted` and not in `given`. */
function missingIn(given: Schema, wanted: Schema, components: object | undefined, at = ''): string[] {
  const schema = given.$ref ? referred(given.$ref, components) : given
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) {
    const all = choices.map(choice => missingIn(choice, wanted, components, at))
    return all.sort((one, other) => one.length - other.length)[0] ?? []
  }
  const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
  const fields = Object.entries(wanted.properties ?? {}).flatMap(([name, below]) => {
    const found = schema.properties?.[name] ?? rest
    return found ? missingIn(found, below, components, `${at}/${name}`) : [`${at}/${name}`]
  })
  const items = wanted.items ? missingIn(schema.items ?? {}, wanted.items, components, `${at}/0`) : []
  const all = typeof wanted.additionalProperties === 'object' ? wanted.additionalProperties : undefined
  return [...fields, ...items, ...(all && rest ? missingIn(rest, all, components, `${at}/*`) : [])]
}

/** Returns the component to which a reference points. */
function referred(reference: string, components: object | undefined): Schema {
  const [, , kind = '', name = ''] = reference.split('/')
  return (components as Record<string, Record<string, Schema>>)[kind]![name]!
}
