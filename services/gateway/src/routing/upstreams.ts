import { readFile } from 'node:fs/promises'
import { readText } from '@bulkhead/chassis/client'
import { pause } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import { request } from 'undici'
import * as z from 'zod'
import type { LimiterFactory } from '../limits/limiter.ts'
import { operationLimit } from '../limits/rates.ts'
import type { ContractCache } from './contract-cache.ts'
import { type Contract, contract, publicOperations } from './contracts.ts'
import { PREFIX, type Route, type RouteTable, routeTable } from './route-table.ts'

const addresses = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.url({ protocol: /^https?$/ }))

const READ_MS = 2_000
const CONTRACT_BYTES = 1024 * 1024
const PAUSE_MS = 2_000
/** The pause between two reads while a contract is missing, such as in the first second after the start of all services (ms). */
const SHORT_PAUSE_MS = 100

type KnownService = {
  contract: Contract
  routes: Route[]
  /** The ETag of the contract's text, which avoids sending and parsing the same text again. Undefined if the contract has none. */
  etag: string | undefined
  /** True if the contract was read from the service itself. */
  isFresh: boolean
  /** True if the contract is in the cache. */
  isKept: boolean
}

type Dependencies = {
  /** A JSON file that maps the name of each service to its address. */
  file: string
  cache: ContractCache
  log: Logger
  /** Makes the limiter of an operation with a limit. */
  limiter: LimiterFactory
}

/** The running services and their routes. */
export type Upstreams = RouteTable & {
  /** Asks each service once for its contract. Resolves when all services have answered or failed. Logs failures. */
  refresh(): Promise<void>
  /** Refreshes every 2 seconds until `stop`. */
  start(): void
  stop(): Promise<void>
  /** Calls `watcher` with all routes, now and each time they change. */
  watch(watcher: (routes: Route[]) => void): void
  addressOf(service: string): string | undefined
  /** Returns the service of a public path if its contract was never read, so that its operations are not known. */
  unknownServiceOf(path: string): string | undefined
  contracts(): { service: string; contract: Contract }[]
}

/**
 * Reads the contracts of all services repeatedly. While a service is unavailable, the gateway uses its last contract, which this or another
 * replica has read. So its operations answer 503 and not 404.
 */
export function upstreams({ file, cache, log, limiter }: Dependencies): Upstreams {
  const known = new Map<string, KnownService>()
  /** The services whose contract could not be read the last time. One line is logged for each outage. */
  const failing = new Set<string>()
  const stopped = new AbortController()
  let urls: Record<string, string> = {}
  let table = routeTable([])
  let reading = Promise.resolve()
  let running = Promise.resolve()
  const watchers: ((routes: Route[]) => void)[] = []
  const allRoutes = () => [...known.values()].flatMap(({ routes }) => routes)

  async function readAll() {
    urls = addresses.parse(JSON.parse(await readFile(file, 'utf8')))
    const changes = await Promise.all(Object.entries(urls).map(([service, url]) => learn(service, url)))
    const gone = [...known.keys()].filter(service => !(service in urls))
    for (const service of gone) known.delete(service)
    if (gone.length > 0 || changes.includes(true)) {
      table = routeTable(allRoutes())
      for (const watcher of watchers) watcher(allRoutes())
      log.info({ services: [...known.keys()] }, 'The routes have changed')
    }
  }

  /** Reads the contract of a service. Resolves with true if the contract has changed. */
  async function learn(service: string, url: string): Promise<boolean> {
    const before = known.get(service)
    try {
      const answer = await readContract(url, before?.isFresh && before.isKept ? before.etag : undefined)
      const read = answer && contract.parse(JSON.parse(answer.text))
      failing.delete(service)
      if (!read) return false
      const { etag } = answer
      const isKept = (before?.isKept && before.contract.digest === read.digest) || (await cache.keep(service, read))
      if (before?.contract.digest !== read.digest) return remember(service, read, { etag, isFresh: true, isKept })
      Object.assign(before, { etag, isFresh: true, isKept })
      return false
    } catch (error) {
      if (!failing.has(service)) log.info({ err: error, service }, `Cannot read the contract of ${service}`)
      failing.add(service)
      const cached = before ? undefined : await cache.read(service)
      return cached ? remember(service, cached, { etag: undefined, isFresh: false, isKept: true }) : false
    }
  }

  function remember(service: string, contract: Contract, state: Pick<KnownService, 'etag' | 'isFresh' | 'isKept'>) {
    const routes = publicOperations(service, contract).map(operation => {
      const perClient = operation.described['x-per-client']
      return {
        ...operation,
        limit: perClient && operationLimit(`${service}.${operation.id}`, perClient, limiter)
      }
    })
    known.set(service, { contract, routes, ...state })
    return true
  }

  /** Reads all contracts, after the running read has ended. Otherwise an earlier read that ends last would restore older contracts. */
  function refresh() {
    reading = reading
      .then(readAll)
      .catch(error => log.error({ err: error, file }, 'Cannot read the services and their contracts'))
    return reading
  }

  async function run() {
    while (!stopped.signal.aborted) {
      const isComplete = Object.keys(urls).every(service => known.get(service)?.isFresh)
      await pause(isComplete ? PAUSE_MS : SHORT_PAUSE_MS, stopped.signal)
      if (!stopped.signal.aborted) await refresh()
    }
  }

  return {
    refresh,
    start() {
      running = run()
    },
    async stop() {
      stopped.abort()
      await running
    },
    watch(watcher) {
      watchers.push(watcher)
      watcher(allRoutes())
    },
    find: (method, path) => table.find(method, path),
    methodsOf: path => table.methodsOf(path),
    addressOf: service => urls[service],
    unknownServiceOf(path) {
      const service = path.slice(PREFIX.length).split('/', 1)[0]!
      return Object.hasOwn(urls, service) && !known.has(service) ? service : undefined
    },
    contracts: () => [...known].map(([service, { contract }]) => ({ service, contract }))
  }
}

/** Reads the text of a contract and its ETag. Returns undefined if the text still has the ETag `known`. */
async function readContract(url: string, known: string | undefined) {
  const headers = known === undefined ? {} : { 'if-none-match': known }
  const signal = AbortSignal.timeout(READ_MS)
  const { statusCode, body, headers: answered } = await request(`${url}/.well-known/contract`, { headers, signal })
  const text = await readText(body, CONTRACT_BYTES)
  if (known !== undefined && statusCode === 304) return undefined
  if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}`)
  return { text, etag: answered.etag?.toString() }
}
