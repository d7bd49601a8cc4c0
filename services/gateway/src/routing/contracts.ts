import { type Audience, BODY_LIMIT, type Upload } from '@bulkhead/chassis/contract'
import * as z from 'zod'

const apiOperation = z.looseObject({
  operationId: z.string(),
  'x-callers': z.array(z.string()),
  'x-body-limit': z.int().min(0).optional(),
  'x-per-client': z.object({ calls: z.int().min(1), seconds: z.int().min(1) }).optional(),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).default([]),
  responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional() })).default({}),
  requestBody: z.looseObject({ content: z.record(z.string(), z.unknown()) }).optional()
})

const method = apiOperation.optional()

/** The parts of a service's contract that the gateway reads. */
export const contract = z.object({
  digest: z.string(),
  provides: z.object({
    openapi: z.object({
      info: z.looseObject({ summary: z.string().optional() }).default({}),
      paths: z.record(
        z.string().startsWith('/'),
        z.object({ get: method, post: method, put: method, patch: method, delete: method })
      ),
      components: z.record(z.string(), z.record(z.string(), z.unknown())).default({})
    })
  })
})

export type Contract = z.infer<typeof contract>
export type ApiOperation = z.infer<typeof apiOperation>
export type Components = Contract['provides']['openapi']['components']

/** The JSON that an operation accepts: its media types, such as that of a merge patch, and the maximum number of bytes. */
type JsonBody = { types: string[]; limit: number }

/** An operation that people may call. `path` is the path in the service's OpenAPI document. */
export type PublicOperation = {
  id: string
  service: string
  method: string
  path: string
  callers: Audience[]
  /** Names of the request headers that the operation reads in addition to the usual ones. */
  headers: string[]
  /** Names of the cookies that the operation reads. */
  cookies: string[]
  /** True if the operation answers with a stream of events. */
  streams: boolean
  /** The JSON that the operation accepts, if any. */
  json?: JsonBody
  /** The file that the operation accepts, if any. */
  upload?: Upload
  described: ApiOperation
}

const JSON_TYPE = 'application/json'
const PEOPLE = ['public', 'customer', 'staff']

/** Returns the operations of a contract that people may call. Other services call the remaining operations inside the cluster. */
export function publicOperations(service: string, { provides }: Contract): PublicOperation[] {
  return Object.entries(provides.openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, described]) => {
      const callers = (described?.['x-callers'] ?? []).filter(caller => PEOPLE.includes(caller)) as Audience[]
      if (!described || callers.length === 0) return []
      const { operationId: id, responses } = described
      const operation: PublicOperation = {
        id,
        service,
        method,
        path,
        callers,
        headers: parametersIn('header', described).map(name => name.toLowerCase()),
        cookies: parametersIn('cookie', described),
        streams: 'text/event-stream' in (responses['200']?.content ?? {}),
        ...bodyOf(described),
        described
      }
      return [operation]
    })
  )
}

const parametersIn = (place: string, { parameters }: ApiOperation) =>
  parameters.filter(parameter => parameter.in === place).map(({ name }) => name)

function bodyOf({
  requestBody,
  'x-body-limit': limit = BODY_LIMIT
}: ApiOperation): Pick<PublicOperation, 'json' | 'upload'> {
  const types = Object.keys(requestBody?.content ?? {})
  if (types.length === 0) return {}
  if (types.includes(JSON_TYPE)) return { json: { types, limit } }
  return { upload: { type: types[0] as Upload['type'], limit } }
}
