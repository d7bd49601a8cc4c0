import { readFile } from 'node:fs/promises'
import { readText } from '@bulkhead/chassis/bounded-body'
import { pause } from '@bulkhead/chassis/pacing'
import type { Logger } from 'pino'
import { request } from 'undici'
import * as z from 'zod'
import { contract, type PublicOperation, publicOperations } from './contracts.ts'
import { type Routes, routesOf } from './routing.ts'

const addresses = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.url({ protocol: /^https?$/ }))

const READ_MS = 2_000
const CONTRACT_BYTES = 1024 * 1024
const PAUSE_MS = 2_000
/** While a contract is missing, as in the first second of a stack that starts. */
const SHORT_PAUSE_MS = 100

/**
 * The services that run, and the routes that their contracts give, read anew every 2 seconds. What was read last stays while a
 * service is away, so that its operations answer 503 and not 404.
 */
export function upstreams({ file, log }: { file: string; log: Logger }) {
  const known = new Map<string, { digest: string; operations: PublicOperation[] }>()
  const stopped = new AbortController()
  let urls: Record<string, string> = {}
  let routes: Routes = routesOf([])

  async function refresh() {
    urls = addresses.parse(JSON.parse(await readFile(file, 'utf8')))
    const changes = await Promise.all(Object.entries(urls).map(([service, url]) => read(service, url)))
    const gone = [...known.keys()].filter(service => !(service in urls))
    for (const service of gone) known.delete(service)
    if (gone.length > 0 || changes.includes(true)) {
      routes = routesOf([...known.values()].flatMap(({ operations }) => operations))
      log.info({ services: [...known.keys()] }, 'routes made anew')
    }
  }

  /** Resolves with whether the contract of a service is another one than before. */
  async function read(service: string, url: string): Promise<boolean> {
    try {
      const read = await readContract(url)
      if (known.get(service)?.digest === read.digest) return false
      known.set(service, { digest: read.digest, operations: publicOperations(service, read) })
      return true
    } catch (error) {
      log.info({ err: error, service }, 'its contract can not be read')
      return false
    }
  }

  async function run() {
    while (!stopped.signal.aborted) {
      await refresh().catch(error => log.error({ err: error, file }, 'the upstreams can not be read'))
      const complete = Object.keys(urls).every(service => known.has(service))
      await pause(complete ? PAUSE_MS : SHORT_PAUSE_MS, stopped.signal)
    }
  }

  return {
    refresh,
    start: () => void run(),
    stop: () => stopped.abort(),
    find: (method: string, path: string) => routes.find(method, path),
    addressOf: (service: string) => urls[service]
  }
}

export type Upstreams = ReturnType<typeof upstreams>

async function readContract(url: string) {
  const { statusCode, body } = await request(`${url}/.well-known/contract`, { signal: AbortSignal.timeout(READ_MS) })
  const text = await readText(body, CONTRACT_BYTES)
  if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}`)
  return contract.parse(JSON.parse(text))
}
