import * as z from 'zod'
import { idempotencyKey } from './idempotency.ts'
import { type JSONSchema, jsonSchema, MESSAGE } from './json-schema.ts'
import { anyProblem, problemResponses, problemSchema, problemsOf } from './openapi-problems.ts'
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
      responses: problemResponses,
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
      default: anyProblem
    }
  }
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
