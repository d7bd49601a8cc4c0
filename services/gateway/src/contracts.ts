import type { Audience } from '@bulkhead/chassis/contract'
import * as z from 'zod'

const schema = z.record(z.string(), z.unknown())

const apiOperation = z.looseObject({
  operationId: z.string(),
  'x-callers': z.array(z.string()),
  'x-body-limit': z.int().min(0).optional(),
  'x-per-client': z.object({ calls: z.int().min(1), seconds: z.int().min(1) }).optional(),
  parameters: z
    .array(z.looseObject({ name: z.string(), in: z.string(), required: z.boolean().optional(), schema }))
    .default([]),
  responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional() })).default({}),
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: schema.optional() })) }).optional()
})

const method = apiOperation.optional()

/** What the gateway reads of a service's contract. */
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

/** An operation that people may call, and where it is. `path` is the service's own, as in OpenAPI. */
export type PublicOperation = {
  id: string
  service: string
  method: string
  path: string
  callers: Audience[]
  /** Names of the request headers that it reads beside the usual ones, and of its cookies. */
  headers: string[]
  cookies: string[]
  /** Whether it answers with events as they come. */
  streams: boolean
  described: ApiOperation
}

const PEOPLE = ['public', 'customer', 'staff']

/** The operations of a contract that people may call. What is for services only does not leave the cluster. */
export function publicOperations(service: string, { provides }: Contract): PublicOperation[] {
  return Object.entries(provides.openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, described]) => {
      const callers = (described?.['x-callers'] ?? []).filter(caller => PEOPLE.includes(caller)) as Audience[]
      return described && callers.length > 0
        ? [{ ...{ id: described.operationId, service, method, path, callers, described }, ...transportOf(described) }]
        : []
    })
  )
}

function transportOf({ parameters, responses }: ApiOperation) {
  const names = (place: string) => parameters.filter(parameter => parameter.in === place).map(({ name }) => name)
  const streams = 'text/event-stream' in (responses['200']?.content ?? {})
  return { headers: names('header').map(name => name.toLowerCase()), cookies: names('cookie'), streams }
}
