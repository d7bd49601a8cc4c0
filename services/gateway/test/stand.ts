import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractOf, type Operation } from '@bulkhead/chassis/contract'
import { appDeps } from '@bulkhead/testing/app-deps'
import { httpServer } from '@bulkhead/testing/http-server'
import { gatewayApp } from '../src/app.ts'
import type { ContractCache } from '../src/contract-cache.ts'
import { proxy } from '../src/proxy.ts'
import type { ProxyTimes } from '../src/proxy-times.ts'
import { rateLimiter } from '../src/rate-limiter.ts'
import { reference } from '../src/reference.ts'
import type { StreamLimits } from '../src/stream-places.ts'
import { type LeaseTokens, type Rate, scaled, twiceAtOnce } from '../src/token-leases.ts'
import { upstreams } from '../src/upstreams.ts'

/** A service that answers its contract, and anything else as it is told. `seen` is what it was asked. */
export async function stubService(operations: Operation[], service = 'things') {
  const contract = contractOf({ service, version: '1.0.0', summary: 'Keeps things', operations, events: [] })
  const seen: { request: IncomingMessage; body: string }[] = []
  const stub = { seen, url: '', answer: hello as (request: IncomingMessage, response: ServerResponse) => unknown }
  const http = await httpServer(async (request, response) => {
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
  stub.url = http.url
  return { ...{ stub, seen }, stop: http.stop, startAgain: http.startAgain }
}

const hello = (_request: IncomingMessage, response: ServerResponse) =>
  response.setHeader('Content-Type', 'application/json').setHeader('ETag', '"7"').end('{"here":true}')

type Options = {
  cache?: ContractCache
  lease?: LeaseTokens
  perSecond?: number
  streams?: StreamLimits
  times?: Partial<ProxyTimes>
  trustedProxies?: number
  /** What the limits of operations are multiplied by. */
  operationFactor?: number
  proxyStartsTraces?: boolean
  origins?: string[]
}

const MANY: StreamLimits = { service: 500, client: 500 }

const noCache: ContractCache = { read: async () => undefined, keep: async () => true }

/** A gateway in front of services by name. Limits of rates are out of the way by default. */
export async function gateway(services: Record<string, string>, options: Options = {}) {
  const { cache = noCache, lease = async (_key, asked) => asked, perSecond = 10_000, streams = MANY } = options
  const { operationFactor = 1 } = options
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-gateway-'))
  const file = join(folder, 'upstreams.json')
  writeFileSync(file, JSON.stringify(services))
  const deps = appDeps('gateway')
  const { log, registry, clock } = deps
  const limiter = (name: string, rate: Rate) => rateLimiter(name, rate, lease, registry)
  const operationLimiter = (name: string, rate: Rate) => limiter(name, scaled(rate, operationFactor))
  const known = upstreams({ file, cache, log, limiter: operationLimiter })
  await known.refresh()
  const made = proxy({ upstreams: known, clock, registry, streams, times: options.times ?? {} })
  const app = gatewayApp({
    ...deps,
    proxy: made.router,
    reference: reference(known, '1.0.0'),
    limits: { client: limiter('client', twiceAtOnce(perSecond)), account: limiter('account', twiceAtOnce(perSecond)) },
    trustedProxies: options.trustedProxies ?? 0,
    proxyStartsTraces: options.proxyStartsTraces ?? false,
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
