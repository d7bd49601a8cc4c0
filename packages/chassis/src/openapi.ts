import * as z from 'zod'
import { idempotencyKey } from './idempotency.ts'
import { BODY_LIMIT, type Operation } from './operation.ts'

type Api = { service: string; version: string; summary: string; operations: Operation[] }

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional(),
  instance: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional()
})

/** The OpenAPI 3.1 document of a service. `x-callers` of an operation names who may call it, `x-body-limit` the bytes of its body. */
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
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }
    }
  }
}

function describeOperation(operation: Operation) {
  const { id, summary, callers, params, query, answers } = operation
  return {
    operationId: id,
    summary,
    'x-callers': callers,
    // An empty requirement makes the token optional (OpenAPI 3.1, security requirement object).
    security: callers.includes('public') ? [{}, { token: [] }] : [{ token: [] }],
    parameters: [...parameters('path', params), ...parameters('query', query), ...headers(operation)],
    ...describeBody(operation),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)])),
      default: {
        description: 'A problem (RFC 9457)',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
      }
    }
  }
}

function describeBody({ method, body, bodyLimit = BODY_LIMIT, upload }: Operation) {
  if (upload) {
    return { 'x-body-limit': upload.limit, requestBody: { required: true, content: { [upload.type]: {} } } }
  }
  if (!body) return {}
  const media = { schema: jsonSchema(body, 'input') }
  const patch = method === 'patch' && { 'application/merge-patch+json': media }
  return {
    'x-body-limit': bodyLimit,
    requestBody: { required: true, content: { 'application/json': media, ...patch } }
  }
}

const describeAnswer = ({ description, body }: Operation['answers'][number]) => ({
  description,
  ...(body && { content: { 'application/json': { schema: jsonSchema(body, 'output') } } })
})

function parameters(place: 'path' | 'query', shape: z.ZodObject | undefined) {
  return Object.entries(shape?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !(schema as z.ZodType).safeParse(undefined).success,
    schema: jsonSchema(schema as z.ZodType, 'input')
  }))
}

function headers({ guarded, keyed }: Operation) {
  const header = (name: string, required: boolean, schema: object) => ({ name, in: 'header', required, schema })
  return [
    ...(guarded ? [header('If-Match', true, { type: 'string', pattern: '^"[1-9][0-9]{0,15}"$' })] : []),
    ...(keyed ? [header('Idempotency-Key', false, jsonSchema(idempotencyKey, 'input'))] : [])
  ]
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' })
  return rest
}
