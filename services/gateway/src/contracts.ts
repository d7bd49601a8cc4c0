import type { Audience } from '@bulkhead/chassis/operation'
import * as z from 'zod'

/** What the gateway reads of a service's contract. */
export const contract = z.object({
  digest: z.string(),
  provides: z.object({
    openapi: z.object({
      paths: z.record(
        z.string().startsWith('/'),
        z.record(z.string(), z.object({ operationId: z.string(), 'x-callers': z.array(z.string()) }))
      )
    })
  })
})

export type Contract = z.infer<typeof contract>

/** An operation that people may call, and where it is. `path` is the service's own, as in OpenAPI. */
export type PublicOperation = { id: string; service: string; method: string; path: string; callers: Audience[] }

const PEOPLE = ['public', 'customer', 'staff']

/** The operations of a contract that people may call. What is for services only does not leave the cluster. */
export function publicOperations(service: string, { provides }: Contract): PublicOperation[] {
  return Object.entries(provides.openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .map(([method, { operationId, 'x-callers': callers }]) => {
        const people = callers.filter(caller => PEOPLE.includes(caller)) as Audience[]
        return { id: operationId, service, method, path, callers: people }
      })
      .filter(({ callers }) => callers.length > 0)
  )
}
