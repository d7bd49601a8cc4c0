import findMyWay, { type HTTPMethod } from 'find-my-way'
import type { PublicOperation } from './contracts.ts'

export type Routes = {
  /** The operation of a method and a public path, such as GET /api/v1/catalog/products/prd_1; null where there is none. */
  find(method: string, path: string): PublicOperation | null
}

/** The public path of an operation. The service's name keeps services that know nothing of each other from colliding. */
export const publicPath = ({ service, path }: PublicOperation) => `/api/v1/${service}${path}`

/** A table of all operations; finding one takes the same time for any number of them. */
export function routesOf(operations: PublicOperation[]): Routes {
  const table = findMyWay({ caseSensitive: true })
  for (const operation of operations) {
    const path = publicPath(operation).replaceAll(/\{(\w+)\}/g, ':$1')
    table.on(operation.method.toUpperCase() as HTTPMethod, path, () => undefined, operation)
  }
  return { find: (method, path) => table.find(method as HTTPMethod, path)?.store ?? null }
}
