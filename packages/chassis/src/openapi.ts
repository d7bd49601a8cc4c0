import * as z from 'zod'
import { idempotencyKey } from './idempotency.ts'
import { BODY_LIMIT, isCreation, type Operation } from './operation.ts'

type JSONSchema = z.core.JSONSchema.BaseSchema

const MESSAGE = 'x-pattern-message'

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
      default: {
        description: 'A problem (RFC 9457)',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
      }
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

function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', override: addVoice })
  return rest
}

/**
 * Gives each pattern the words in which the service refuses what does not match, as `x-pattern-message`: those who check by the
 * document can say the same. Gives text with a pattern an example, or readers are shown what a generator makes of the pattern.
 */
function addVoice({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JSONSchema }) {
  if (!(zodSchema instanceof z.ZodString)) return
  const messages = new Map((zodSchema.def.checks ?? []).flatMap(({ _zod: { def } }) => messageOf(def)))
  const parts = [jsonSchema, ...(jsonSchema.allOf ?? [])] as JSONSchema[]
  for (const part of parts) {
    const message = messages.get(part.pattern ?? '')
    if (message !== undefined) part[MESSAGE] = message
  }
  const isExample = messages.size > 0 && !jsonSchema.examples && zodSchema.safeParse('text').success
  if (isExample) jsonSchema.examples = ['text']
}

/** A pattern and what is said of text that does not match it; nothing for a check of another kind. */
function messageOf(check: z.core.$ZodCheckDef): [string, string][] {
  const { pattern, error } = check as { pattern?: RegExp; error?: (issue: object) => unknown }
  const message = error?.({})
  return pattern && typeof message === 'string' ? [[pattern.source, message]] : []
}
