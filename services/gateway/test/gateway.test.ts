import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Caller } from '@bulkhead/chassis/caller'
import { systemClock } from '@bulkhead/chassis/clock'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import request from 'supertest'
import { gatewayApp } from '../src/app.ts'
import { proxy } from '../src/proxy.ts'
import { type Upstreams, upstreams } from '../src/upstreams.ts'

const operation = (operationId: string, ...callers: string[]) => ({ operationId, 'x-callers': callers })
const contract = {
  digest: 'sha256:1',
  provides: {
    openapi: {
      paths: {
        '/things/{id}': { get: operation('getThing', 'public'), put: operation('putThing', 'staff', 'service:orders') },
        '/holds': { post: operation('hold', 'service:orders') }
      }
    }
  }
}

describe('the gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-gateway-'))
  const file = join(folder, 'upstreams.json')
  let upstream: Server
  let services: Upstreams
  let close: () => Promise<void>
  let api: ReturnType<typeof gatewayApp>
  let seen: { request: IncomingMessage; body: string }[]

  beforeEach(async () => {
    seen = []
    upstream = createServer(async (incoming, response) => {
      if (incoming.url === '/.well-known/contract') return void response.end(JSON.stringify(contract))
      let body = ''
      for await (const part of incoming) body += part
      seen.push({ request: incoming, body })
      response
        .setHeader('X-Internal', 'yes')
        .setHeader('Content-Type', 'application/json')
        .setHeader('ETag', '"7"')
        .end('{"here":true}')
    })
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const { port } = upstream.address() as AddressInfo
    writeFileSync(file, JSON.stringify({ things: `http://127.0.0.1:${port}` }))
    const log = pino({ level: 'silent' })
    services = upstreams({ file, log })
    await services.refresh()
    const made = proxy(services)
    close = made.close
    const verify = (authorization?: string): Caller =>
      authorization ? { kind: 'person', id: 'stf_1', roles: ['staff'] } : { kind: 'anonymous' }
    api = gatewayApp({ proxy: made.router, clock: systemClock, log, registry: new Registry(), verify })
  })
  afterEach(async () => {
    await close()
    upstream.closeAllConnections()
    upstream.close()
  })
  after(() => rmSync(folder, { recursive: true }))

  it('sends an operation of the contract on to its service, with its trace and without strange headers', async () => {
    const { body, headers } = await request(api)
      .get('/api/v1/things/things/1?a=b')
      .set({ Cookie: 'secret=1', 'X-Timeout-Ms': '500' })
      .expect(200)
    const { url, headers: sent } = seen[0]!.request
    assert.deepEqual(body, { here: true })
    assert.equal(headers.etag, '"7"')
    assert.equal(headers['x-internal'], undefined)
    assert.equal(url, '/things/1?a=b')
    assert.equal(sent.cookie, undefined)
    assert.equal(sent['x-request-id'], headers['x-request-id'])
    assert.match(sent.traceparent as string, /^00-/)
    assert.ok(Number(sent['x-timeout-ms']) <= 500)
  })

  it('passes the body and the token on', async () => {
    await request(api).put('/api/v1/things/things/1').set('Authorization', 'Bearer x').send({ a: 1 }).expect(200)
    assert.equal(seen[0]!.body, '{"a":1}')
    assert.equal(seen[0]!.request.headers.authorization, 'Bearer x')
  })

  for (const path of [
    '/api/v1/things/holds',
    '/api/v1/things/.well-known/contract',
    '/api/v1/things/metrics',
    '/api/v1/things/livez',
    '/api/v1/things/things/../../holds',
    '/api/v1/nothing/things/1',
    '/metrics',
    '/readyz',
    '/'
  ]) {
    it(`has no ${path}`, async () => {
      for (const method of ['get', 'post'] as const) await request(api)[method](path).expect(404)
      assert.equal(seen.length, 0)
    })
  }

  it('asks for a token where the operation does, before it calls the service', async () => {
    await request(api).put('/api/v1/things/things/1').expect(401)
    assert.equal(seen.length, 0)
  })

  it('answers 503, not 404, while a service is away, and routes to it again when it is back', async () => {
    const { port } = upstream.address() as AddressInfo
    upstream.closeAllConnections()
    upstream.close()
    await once(upstream, 'close')
    await services.refresh()
    const { headers, body } = await request(api).get('/api/v1/things/things/1').expect(503)
    assert.equal(headers['retry-after'], '1')
    assert.equal(body.detail, 'things is not available')
    upstream.listen(port, '127.0.0.1')
    await once(upstream, 'listening')
    await request(api).get('/api/v1/things/things/1').expect(200)
  })

  it('refuses a body over the limit', async () => {
    await request(api)
      .put('/api/v1/things/things/1')
      .set('Authorization', 'Bearer x')
      .send({ a: 'x'.repeat(70_000) })
      .expect(413)
    assert.equal(seen.length, 0)
  })
})
