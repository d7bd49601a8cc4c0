import { maxHeaderSize } from 'node:http'
import findMyWay, { type HTTPMethod } from 'find-my-way'
import type { PublicOperation } from './contracts.ts'
import type { OperationLimit } from './operation-limit.ts'
import type { StrictInput } from './strict-input.ts'

export const PREFIX = '/api/v1/'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** An operation of the public API, with its input and, where its contract has one, the limit of how often a client may call it. */
export type Route = PublicOperation & { input: StrictInput; limit: OperationLimit | undefined }

export type Routes = {
  /** The operation of a method and a public path, such as GET /api/v1/catalog/products/prd_1; null where there is none. */
  find(method: string, path: string): Route | null
  /** The methods of the operations at a public path; none where there is nothing. */
  methodsOf(path: string): string[]
}

/** The public path of an operation. The service's name keeps services that know nothing of each other from colliding. */
export const publicPath = (service: string, path: string) => `${PREFIX}${service}${path}`

/**
 * A path parameter may be as long as the server takes a request's line and headers: services check their own parameters. The router's
 * default of 100 protects regular expressions in paths, which contracts do not have.
 */
const LONGEST_PARAMETER = maxHeaderSize

/** A table of all operations; finding one takes the same time for any number of them. HEAD is the GET without its body. */
export function routesOf(routes: Route[]): Routes {
  const table = findMyWay({ caseSensitive: true, maxParamLength: LONGEST_PARAMETER })
  for (const route of routes) {
    const path = publicPath(route.service, route.path).replaceAll(/\{(\w+)\}/g, ':$1')
    table.on(route.method.toUpperCase() as HTTPMethod, path, () => undefined, route)
  }
  const find = (method: string, path: string): Route | null =>
    table.find((method === 'HEAD' ? 'GET' : method) as HTTPMethod, path)?.store ?? null
  return { find, methodsOf: path => METHODS.filter(method => find(method, path)) }
}
