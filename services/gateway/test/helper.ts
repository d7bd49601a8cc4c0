import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractOf, type Operation } from '@bulkhead/chassis/contract'
import { httpServer } from '@bulkhead/testing/http-server'
import { startForTest } from '@bulkhead/testing/start-for-test'
import type { LeaseTokens } from '../src/limits/leases.ts'
import type { ProxyTimes } from '../src/proxy/times.ts'
import { gateway } from '../src/service.ts'

/** Starts a fake service with these operations. Tests set `stub.answer`; `seen` lists the requests that reached the service. */
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
      return // The gateway broke off the request.
    }
    seen.push({ request, body })
    stub.answer(request, response)
  })
  stub.url = http.url
  return { stub, seen, stop: http.stop, startAgain: http.startAgain }
}

const hello = (_request: IncomingMessage, response: ServerResponse) =>
  response.setHeader('Content-Type', 'application/json').setHeader('ETag', '"7"').end('{"here":true}')

type Options = {
  /** Variables in addition to the upstreams. By default, the limits of requests and streams are too high to matter. */
  config?: Record<string, string>
  /** Grants the tokens of the rate limits instead of Redis. By default it grants all tokens, so that no test depends on Redis' speed. */
  lease?: LeaseTokens
  times?: Partial<ProxyTimes>
  /** The address of a Redis that the test closes itself. */
  storeUrl?: string
}

const grantAll: LeaseTokens = async (_key, asked) => asked

const NO_LIMITS = {
  RATE_LIMIT_CLIENT: '10000',
  RATE_LIMIT_ACCOUNT: '10000',
  STREAM_LIMIT_CLIENT: '500'
}

/** Starts a gateway in front of services, given by name. */
export async function startGateway(services: Record<string, string>, options: Options = {}) {
  const { config, storeUrl, times, lease = grantAll } = options
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-gateway-'))
  const file = join(folder, 'upstreams.json')
  writeFileSync(file, JSON.stringify(services))
  const started = await startForTest(gateway, {
    config: { ...NO_LIMITS, UPSTREAMS_FILE: file, ...config },
    settings: { lease, times },
    storeUrl
  })
  return {
    ...started,
    refresh: started.upstreams.refresh,
    async close() {
      await started.close()
      rmSync(folder, { recursive: true })
    }
  }
}
