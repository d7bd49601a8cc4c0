import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Caller } from '@bulkhead/chassis/caller'
import { systemClock } from '@bulkhead/chassis/clock'
import { contractOf } from '@bulkhead/chassis/contract'
import type { Operation } from '@bulkhead/chassis/operation'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { gatewayApp } from '../src/app.ts'
import type { ContractCache } from '../src/contract-cache.ts'
import { proxy } from '../src/proxy.ts'
import { rateLimiter } from '../src/rate-limiter.ts'
import { reference } from '../src/reference.ts'
import type { LeaseTokens } from '../src/token-leases.ts'
import { upstreams } from '../src/upstreams.ts'

/** A service that answers its contract, and anything else as it is told. `seen` is what it was asked. */
export async function stubService(operations: Operation[], service = 'things') {
  const contract = contractOf({ service, version: '1.0.0', summary: 'Keeps things', operations, events: [] })
  const seen: { request: IncomingMessage; body: string }[] = []
  const stub = { seen, url: '', answer: hello as (request: IncomingMessage, response: ServerResponse) => unknown }
  const server = await listening(async (request, response) => {
    if (request.url === '/.well-known/contract') return void response.end(JSON.stringify(contract))
    let body = ''
    try {
      for await (const part of request) body += part
    } catch {
      return // The gateway broke off.
    }
    seen.push({ request, body })
    stub.answer(request, response)
  })
  const { port } = server.address() as AddressInfo
  stub.url = `http://127.0.0.1:${port}`
  return {
    ...{ stub, seen },
    stop: () => stop(server),
    async startAgain() {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    }
  }
}

const hello = (_request: IncomingMessage, response: ServerResponse) =>
  response.setHeader('Content-Type', 'application/json').setHeader('ETag', '"7"').end('{"here":true}')

/** A server on a free port. */
export async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Stops a server with its connections. */
export async function stop(server: Server) {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

type Options = {
  cache?: ContractCache
  lease?: LeaseTokens
  perSecond?: number
  trustedProxies?: number
  origins?: string[]
}

const noCache: ContractCache = { read: async () => undefined, keep: async () => true }

/** A gateway in front of services by name. Any token is one of staff, but `customer`; limits of rates are out of the way by default. */
export async function gateway(services: Record<string, string>, options: Options = {}) {
  const { cache = noCache, lease = async (_key, asked) => asked, perSecond = 10_000 } = options
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-gateway-'))
  const file = join(folder, 'upstreams.json')
  writeFileSync(file, JSON.stringify(services))
  const log = pino({ level: 'silent' })
  const registry = new Registry()
  const known = upstreams({ file, cache, log })
  await known.refresh()
  const made = proxy({ upstreams: known, clock: systemClock, registry })
  const limiter = (name: string) => rateLimiter(name, { perSecond, burst: 2 * perSecond }, lease, registry)
  const app = gatewayApp({
    ...{ log, registry, clock: systemClock, verify },
    proxy: made.router,
    reference: reference(known, '1.0.0'),
    limits: { client: limiter('client'), account: limiter('account') },
    trustedProxies: options.trustedProxies ?? 0,
    origins: options.origins ?? []
  })
  return {
    ...{ app, registry },
    refresh: known.refresh,
    async close() {
      await made.close()
      rmSync(folder, { recursive: true })
    }
  }
}

function verify(authorization?: string): Caller {
  if (authorization === undefined) return { kind: 'anonymous' }
  if (authorization === 'Bearer customer') return { kind: 'person', id: 'cus_1', roles: ['customer'] }
  return { kind: 'person', id: 'stf_1', roles: ['staff'] }
}
