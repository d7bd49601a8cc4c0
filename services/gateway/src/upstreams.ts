import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readText } from '@bulkhead/chassis/client'
import { pause } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import { request } from 'undici'
import * as z from 'zod'
import type { ContractCache } from './contract-cache.ts'
import { type Contract, contract, publicOperations } from './contracts.ts'
import { operationLimit } from './operation-limit.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { PREFIX, type Route, type Routes, routesOf } from './routing.ts'
import { strictInputs } from './strict-input.ts'
import type { Rate } from './token-leases.ts'

const addresses = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.url({ protocol: /^https?$/ }))

const READ_MS = 2_000
const CONTRACT_BYTES = 1024 * 1024
const PAUSE_MS = 2_000
/** While a contract is missing, as in the first second of a stack that starts. */
const SHORT_PAUSE_MS = 100

type Known = {
  contract: Contract
  routes: Route[]
  /** Of its text, so that the same one is not parsed again and again. */
  hash: string
  /** Read of the service itself. */
  fresh: boolean
  /** Other gateways can have it. */
  kept: boolean
}

type Deps = {
  file: string
  cache: ContractCache
  log: Logger
  /** Makes the limiter of an operation that has a limit of its own. */
  limiter: (name: string, rate: Rate) => RateLimiter
}

/**
 * The services that run, and the routes that their contracts give, read anew every 2 seconds. What was read last, by this gateway
 * or another one, stays while a service is away, so that its operations answer 503 and not 404.
 */
export function upstreams({ file, cache, log, limiter }: Deps) {
  const known = new Map<string, Known>()
  const stopped = new AbortController()
  let urls: Record<string, string> = {}
  let routes: Routes = routesOf([])
  let running = Promise.resolve()
  let version = 0
  const watchers: ((routes: Route[]) => void)[] = []
  const allRoutes = () => [...known.values()].flatMap(({ routes }) => routes)

  async function readAll() {
    urls = addresses.parse(JSON.parse(await readFile(file, 'utf8')))
    const changes = await Promise.all(Object.entries(urls).map(([service, url]) => learn(service, url)))
    const gone = [...known.keys()].filter(service => !(service in urls))
    for (const service of gone) known.delete(service)
    if (gone.length > 0 || changes.includes(true)) {
      routes = routesOf(allRoutes())
      version++
      for (const watcher of watchers) watcher(allRoutes())
      log.info({ services: [...known.keys()] }, 'routes made anew')
    }
  }

  /** Resolves with whether the contract of a service is another one than before. */
  async function learn(service: string, url: string): Promise<boolean> {
    const before = known.get(service)
    try {
      const text = await readContract(url)
      const hash = createHash('sha256').update(text).digest('hex')
      if (before?.fresh && before.kept && before.hash === hash) return false
      const read = contract.parse(JSON.parse(text))
      const kept = (before?.kept && before.contract.digest === read.digest) || (await cache.keep(service, read))
      if (before?.contract.digest !== read.digest) return know(service, read, { hash, fresh: true, kept })
      Object.assign(before, { hash, fresh: true, kept })
      return false
    } catch (error) {
      log.info({ err: error, service }, `The contract of ${service} can not be read`)
      const remembered = before ? undefined : await cache.read(service)
      return remembered ? know(service, remembered, { hash: '', fresh: false, kept: true }) : false
    }
  }

  function know(service: string, contract: Contract, state: Pick<Known, 'hash' | 'fresh' | 'kept'>) {
    const inputOf = strictInputs(contract.provides.openapi.components, log)
    const operations = publicOperations(service, contract)
    const routes = operations.map(operation => ({
      ...operation,
      input: inputOf(operation.described),
      limit: operationLimit(operation, limiter)
    }))
    known.set(service, { contract, routes, ...state })
    return true
  }

  const refresh = () => readAll().catch(error => log.error({ err: error, file }, 'the upstreams can not be read'))

  async function run() {
    while (!stopped.signal.aborted) {
      const complete = Object.keys(urls).every(service => known.get(service)?.fresh)
      await pause(complete ? PAUSE_MS : SHORT_PAUSE_MS, stopped.signal)
      if (!stopped.signal.aborted) await refresh()
    }
  }

  return {
    /** Asks each service once. Resolves when all have answered or failed; failures are logged. */
    refresh,
    /** Asks again and again, until `stop`. */
    start() {
      running = run()
    },
    async stop() {
      stopped.abort()
      await running
    },
    /** Tells `watcher` of all routes, now and each time they change. */
    watch(watcher: (routes: Route[]) => void) {
      watchers.push(watcher)
      watcher(allRoutes())
    },
    find: (method: string, path: string) => routes.find(method, path),
    methodsOf: (path: string) => routes.methodsOf(path),
    addressOf: (service: string) => urls[service],
    /** The service of a public path whose contract was never read: what it offers is not known. */
    unknownServiceOf(path: string) {
      const service = path.slice(PREFIX.length).split('/', 1)[0]!
      return Object.hasOwn(urls, service) && !known.has(service) ? service : undefined
    },
    contracts: () => [...known].map(([service, { contract }]) => ({ service, contract })),
    /** Changes with any contract. */
    version: () => version
  }
}

export type Upstreams = ReturnType<typeof upstreams>

async function readContract(url: string) {
  const { statusCode, body } = await request(`${url}/.well-known/contract`, { signal: AbortSignal.timeout(READ_MS) })
  const text = await readText(body, CONTRACT_BYTES)
  if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}`)
  return text
}
