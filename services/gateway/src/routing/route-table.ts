import { maxHeaderSize } from 'node:http'
import findMyWay, { type HTTPMethod } from 'find-my-way'
import type { OperationLimit } from '../limits/rates.ts'
import type { PublicOperation } from './contracts.ts'

export const PREFIX = '/api/v1/'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** An operation of the public API, with the limit of calls by one client if its contract has one. */
export type Route = PublicOperation & { limit: OperationLimit | undefined }

export type RouteTable = {
  /** Returns the operation of a method and a public path, such as GET /api/v1/catalog/products/prd_1. Returns null if there is none. */
  find(method: string, path: string): Route | null
  /** Returns the methods of the operations at a public path. */
  methodsOf(path: string): string[]
}

/** Returns the prefix of a service's public paths. The service's name keeps the paths of two services apart. */
export const publicPrefix = (service: string) => PREFIX + service

/** Returns the public path of an operation. */
export const publicPath = (service: string, path: string) => publicPrefix(service) + path

/**
 * Maximum length of a path parameter: as long as the server's limit for a request line and headers, because services check their own
 * parameters. The router's default of 100 protects regular expressions in paths, and contracts have none.
 */
const LONGEST_PARAMETER = maxHeaderSize

/** Makes a table of all operations. A search takes the same time for any number of operations. HEAD finds the operation of GET. */
export function routeTable(routes: Route[]): RouteTable {
  const table = findMyWay({ caseSensitive: true, maxParamLength: LONGEST_PARAMETER })
  for (const route of routes) {
    const path = publicPath(route.service, route.path).replaceAll(/\{(\w+)\}/g, ':$1')
    table.on(route.method.toUpperCase() as HTTPMethod, path, () => undefined, route)
  }
  const find = (method: string, path: string): Route | null =>
    table.find((method === 'HEAD' ? 'GET' : method) as HTTPMethod, path)?.store ?? null
  return { find, methodsOf: path => METHODS.filter(method => find(method, path)) }
}
