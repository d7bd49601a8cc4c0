import * as z from 'zod'
import { idempotencyKey } from './idempotency.ts'
import { type JSONSchema, jsonSchema, MESSAGE } from './json-schema.ts'
import { BODY_LIMIT, isCreation, type Operation } from './operation.ts'

const ifMatch = z
  .string()
  .regex(/^"[1-9][0-9]{0,15}"$/)
  .meta({ description: 'The ETag of what you read', examples: ['"1"'] })

const location = {
  Location: {
    description: 'Where it is, relative to the path asked for',
    schema: { type: 'string', format: 'uri-reference' }
  }
}

type Api = { service: string; version: string; summary: string; operations: Operation[] }

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional(),
  instance: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional()
})

/**
 * The OpenAPI 3.1 document of a service. `x-callers` of an operation names who may call it, `x-body-limit` the bytes of its body,
 * `x-per-account` how often one account may call it.
 */
export function openApi({ service, version, summary, operations }: Api) {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describeOperation(operation) }
  }
  return {
    openapi: '3.1.0',
    info: { title: service, version, summary, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      responses: Object.fromEntries(Object.entries(problems).map(([status, when]) => [status, problem(when)])),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }
    }
  }
}

function describeOperation(operation: Operation) {
  const { id, summary, callers, params, query, perAccount, answers } = operation
  return {
    operationId: id,
    summary,
    'x-callers': callers,
    ...(perAccount && { 'x-per-account': perAccount }),
    // An empty requirement makes the token optional (OpenAPI 3.1, security requirement object).
    security: callers.includes('public') ? [{}, { token: [] }] : [{ token: [] }],
    parameters: [
      ...parameters('path', params),
      ...parameters('query', query),
      ...headers(operation),
      ...ownHeaders(operation)
    ],
    ...describeBody(operation),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          {
            ...describeAnswer(answer, operation.stream),
            ...(status === '201' && isCreation(operation) && { headers: location })
          }
        ])
      ),
      ...problemsOf(operation),
      default: problem('A problem (RFC 9457)')
    }
  }
}

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
})

/** Problems that operations have by what they take, by status. Others, such as those of a rule, are an operation's `default`. */
const problems: Record<string, string> = {
  400: 'The request is not valid: `errors` names each place',
  401: 'The token, or what else says who the caller is, is missing or not valid',
  403: 'The caller is not among those who may',
  404: 'It is not there, or not for this caller',
  408: 'The body did not come in time',
  409: 'It conflicts with what is there, or was',
  412: 'It was changed since it was read',
  413: 'The body is too large',
  415: 'The body is of another media type',
  422: 'The Idempotency-Key came with another request before, or a rule forbids it',
  428: 'There is no If-Match',
  503: 'Something that it needs is away: again after `Retry-After` seconds'
}

function problemsOf({ callers, params, query, body, upload, guarded, keyed }: Operation) {
  const statuses = [
    ...(params || query || body || guarded || keyed ? [400] : []),
    ...(callers.includes('public') ? [401] : [401, 403]),
    ...(params ? [404] : []),
    ...(body ? [408, 413] : []),
    ...(guarded ? [412, 428] : []),
    ...(upload ? [413, 415] : []),
    ...(keyed ? [409, 422] : []),
    503
  ]
  return Object.fromEntries(statuses.map(status => [status, { $ref: `#/components/responses/${status}` }]))
}

function describeBody({ method, body, example, bodyLimit = BODY_LIMIT, upload }: Operation) {
  if (upload) {
    return { 'x-body-limit': upload.limit, requestBody: { required: true, content: { [upload.type]: {} } } }
  }
  if (!body) return {}
  const media = { schema: jsonSchema(body, 'input'), ...(example !== undefined && { example }) }
  const patch = method === 'patch' && { 'application/merge-patch+json': media }
  return {
    'x-body-limit': bodyLimit,
    requestBody: { required: true, content: { 'application/json': media, ...patch } }
  }
}

const describeAnswer = ({ description, body }: Operation['answers'][number], stream = false) => ({
  description,
  ...(body && {
    content: stream ? describeEvents(body) : { 'application/json': { schema: jsonSchema(body, 'output') } }
  })
})

/** The schema of a stream is that of one event, whose data is JSON in a text. OpenAPI 3.2 has `itemSchema` for it, 3.1 nothing. */
const describeEvents = (body: z.ZodType) => ({
  'text/event-stream': {
    schema: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        data: { type: 'string', contentMediaType: 'application/json', contentSchema: jsonSchema(body, 'output') }
      },
      required: ['data']
    }
  }
})

function parameters(place: 'path' | 'query', shape: z.ZodObject | undefined) {
  return Object.entries(shape?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !(schema as z.ZodType).safeParse(undefined).success,
    ...described(jsonSchema(schema as z.ZodType, 'input'))
  }))
}

/** A parameter's schema, and what it says of itself where readers look for it. */
const described = ({ description, ...schema }: JSONSchema) => ({
  ...((description ?? schema[MESSAGE]) !== undefined && { description: description ?? schema[MESSAGE] }),
  schema
})

function headers({ guarded, keyed }: Operation) {
  const header = (name: string, required: boolean, schema: z.ZodType) => ({
    ...{ name, in: 'header', required },
    ...described(jsonSchema(schema, 'input'))
  })
  return [
    ...(guarded ? [header('If-Match', true, ifMatch)] : []),
    ...(keyed ? [header('Idempotency-Key', keyed === 'required', idempotencyKey)] : [])
  ]
}

/** What the operation itself reads of a request, as it comes. */
function ownHeaders({ headers = [], cookie }: Operation) {
  const described = (name: string, place: 'header' | 'cookie') => ({
    ...{ name, in: place, required: false },
    schema: { type: 'string' }
  })
  return [...headers.map(name => described(name, 'header')), ...(cookie ? [described(cookie, 'cookie')] : [])]
}
