import * as z from 'zod'
import { idempotencyKey, resourceKey } from './idempotency.ts'
import { type JSONSchema, MESSAGE, type SchemaCollection, schemaCollection } from './json-schema.ts'
import { anyProblem, problemResponses, problemSchema, problemsOf } from './openapi-problems.ts'
import { BODY_LIMIT, isCreation, type Operation } from './operation.ts'

/** The parts of a service's definition that its OpenAPI document describes. */
type Api = { service: string; version: string; summary: string; operations: Operation[] }
type Components = Record<string, Record<string, object>>

/** An OpenAPI 3.1 document. */
export type OpenApi = {
  openapi: string
  info: { title: string; version: string; summary: string; license: object }
  paths: Record<string, Record<string, object>>
  components: Components
}

const LOCATION = {
  Location: {
    description: 'The path of the new resource, relative to the path of the request',
    schema: { type: 'string', format: 'uri-reference' }
  }
}

const ifMatch = z
  .string()
  .regex(/^"[1-9][0-9]{0,15}"$/)
  .meta({ description: 'The ETag of the version that you read', examples: ['"1"'] })

/**
 * Returns the OpenAPI 3.1 document of a service. In an operation, `x-callers` names the allowed callers. `x-body-limit` is the maximum size
 * of the body in bytes. `x-per-client` is the rate limit of one client.
 */
export function openApi({ service, version, summary, operations }: Api): OpenApi {
  const schemas = schemaCollection()
  const paths: OpenApi['paths'] = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describeOperation(operation, schemas) }
  }
  const { schemas: sharedSchemas, ...others } = sharedComponents()
  return {
    openapi: '3.1.0',
    info: { title: service, version, summary, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: { schemas: { ...sorted(schemas.named), ...sharedSchemas }, ...others }
  }
}

/** The kinds of components that services share. */
type SharedComponents = Record<'schemas' | 'responses' | 'securitySchemes', Record<string, object>>

/** Returns the components that every service's document has. */
export function sharedComponents(): SharedComponents {
  const { schemaOf } = schemaCollection()
  return {
    schemas: { Problem: schemaOf(problemSchema, 'output') },
    responses: problemResponses,
    securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }
  }
}

const sorted = (named: Record<string, JSONSchema>) =>
  Object.fromEntries(Object.entries(named).sort(([one], [other]) => (one < other ? -1 : 1)))

function describeOperation(operation: Operation, schemas: SchemaCollection) {
  const { id, summary, callers, params, query, perClient, answers } = operation
  return {
    operationId: id,
    summary,
    'x-callers': callers,
    'x-per-client': perClient,
    // An empty requirement makes the token optional (OpenAPI 3.1, security requirement object).
    security: callers.includes('public') ? [{}, { token: [] }] : [{ token: [] }],
    parameters: [
      ...parameters('path', params, schemas),
      ...parameters('query', query, schemas),
      ...headers(operation, schemas),
      ...ownHeaders(operation)
    ],
    ...describeBody(operation, schemas),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          {
            ...describeAnswer(answer, operation.stream, schemas),
            headers: status === '201' && isCreation(operation) ? LOCATION : undefined
          }
        ])
      ),
      ...problemsOf(operation),
      default: anyProblem
    }
  }
}

function describeBody(
  { method, body, example, bodyLimit = BODY_LIMIT, upload }: Operation,
  { schemaOf }: SchemaCollection
) {
  if (upload) {
    return { 'x-body-limit': upload.limit, requestBody: { required: true, content: { [upload.type]: {} } } }
  }
  if (!body) return {}
  const media = { schema: schemaOf(body, 'input'), example }
  const patch = method === 'patch' ? media : undefined
  return {
    'x-body-limit': bodyLimit,
    requestBody: { required: true, content: { 'application/json': media, 'application/merge-patch+json': patch } }
  }
}

function describeAnswer(
  { description, body }: Operation['answers'][number],
  isStream = false,
  { schemaOf }: SchemaCollection
) {
  if (!body) return { description }
  const schema = schemaOf(body, 'output')
  return { description, content: isStream ? describeEvents(schema) : { 'application/json': { schema } } }
}

/** Describes one event of a stream, because OpenAPI 3.1 has no schema for a stream. The event's data is JSON in a string. */
const describeEvents = (schema: JSONSchema) => ({
  'text/event-stream': {
    schema: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        data: { type: 'string', contentMediaType: 'application/json', contentSchema: schema }
      },
      required: ['data']
    }
  }
})

function parameters(place: 'path' | 'query', shape: z.ZodObject | undefined, schemas: SchemaCollection) {
  return Object.entries(shape?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !(schema as z.ZodType).safeParse(undefined).success,
    ...described(schemas.schemaOf(schema as z.ZodType, 'input'), schemas)
  }))
}

/** Moves the description of a parameter's schema to the parameter, where tools show it. */
function described({ description, ...schema }: JSONSchema, { named }: SchemaCollection) {
  const target = schema.$ref === undefined ? schema : named[schema.$ref.split('/').at(-1)!]
  return { description: description ?? target?.[MESSAGE], schema }
}

function headers({ guarded, keyed, keysOf }: Operation, schemas: SchemaCollection) {
  const header = (name: string, required: boolean, schema: z.ZodType) => ({
    name,
    in: 'header',
    required,
    ...described(schemas.schemaOf(schema, 'input'), schemas)
  })
  const key = keysOf === 'resource' ? resourceKey : idempotencyKey
  const headers = []
  if (guarded) headers.push(header('If-Match', true, ifMatch))
  if (keyed) headers.push(header('Idempotency-Key', keyed === 'required', key))
  return headers
}

/** Describes the headers and the cookie that the operation itself reads. */
function ownHeaders({ headers = [], cookie }: Operation) {
  const describe = (name: string, place: 'header' | 'cookie') => ({
    name,
    in: place,
    required: false,
    schema: { type: 'string' }
  })
  const parameters = headers.map(name => describe(name, 'header'))
  if (cookie !== undefined) parameters.push(describe(cookie, 'cookie'))
  return parameters
}
