import assert from 'node:assert/strict'
import { customer, staff } from '@bulkhead/testing/callers'
import request from 'supertest'
import { startGateway, stubService } from './helper.ts'
import { operations } from './operations.ts'

const { header: STAFF } = staff()
const CUSTOMER = customer()

describe('the gateway', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof startGateway>>

  beforeEach(async () => {
    things = await stubService(operations)
    made = await startGateway({ things: things.stub.url })
  })
  afterEach(async () => {
    await made.close()
    await things.stop()
  })

  it('sends a request on with its trace, and passes no other headers in either direction', async () => {
    things.stub.answer = (_request, response) =>
      response.setHeader('X-Internal', 'yes').setHeader('Server', 'x').setHeader('ETag', '"7"').end('{"here":true}')
    const { text, headers } = await request(made.app)
      .get('/api/v1/things/things/1?ids=b')
      .set({ Cookie: 'secret=1', 'X-Timeout-Ms': '500', 'X-Forwarded-For': '192.0.2.1' })
      .expect(200)
    const { url, headers: sent } = things.seen[0]!.request
    assert.equal(text, '{"here":true}')
    assert.equal(headers.etag, '"7"')
    for (const name of ['x-internal', 'server', 'x-powered-by']) assert.equal(headers[name], undefined)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.match(headers['strict-transport-security']!, /max-age=/)
    assert.equal(url, '/things/1?ids=b')
    assert.equal(sent.cookie, undefined)
    assert.equal(sent['x-request-id'], headers['x-request-id'])
    assert.match(sent.traceparent as string, /^00-/)
    assert.ok(Number(sent['x-timeout-ms']) <= 500)
    assert.equal(sent['x-forwarded-prefix'], '/api/v1/things')
    assert.equal(sent['x-forwarded-for'], '127.0.0.1')
  })

  describe('for a request with a trace and an ID of its client', () => {
    const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
    const CLAIMED = { 'X-Request-Id': 'r-1', traceparent: `00-${TRACE}-00f067aa0ba902b7-00` }

    /** Returns the IDs of a request that its service and its client get. */
    async function send(app: typeof made.app) {
      const { headers: answered } = await request(app).get('/api/v1/things/things/1').set(CLAIMED).expect(200)
      const { headers } = things.seen.at(-1)!.request
      return {
        answered: answered['x-request-id'],
        requestId: headers['x-request-id'],
        trace: String(headers.traceparent)
      }
    }

    it('starts a sampled trace and gives the request a new ID', async () => {
      const { answered, requestId, trace } = await send(made.app)
      assert.match(trace, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
      assert.ok(!trace.includes(TRACE))
      assert.notEqual(requestId, 'r-1')
      assert.equal(answered, requestId)
    })

    it('continues the trace and the ID behind a proxy that starts traces', async () => {
      const behind = await startGateway({ things: things.stub.url }, { config: { PROXY_STARTS_TRACES: 'true' } })
      const { answered, requestId, trace } = await send(behind.app)
      assert.ok(trace.includes(TRACE))
      assert.equal(requestId, 'r-1')
      assert.equal(answered, 'r-1')
      await behind.close()
    })
  })

  it('passes the body and the token on unchanged', async () => {
    const body = '{ "a": 1 }'
    await request(made.app)
      .put('/api/v1/things/things/1')
      .set({ Authorization: STAFF, 'Content-Type': 'application/json' })
      .send(body)
      .expect(200)
    assert.equal(things.seen[0]!.body, body)
    assert.equal(things.seen[0]!.request.headers.authorization, STAFF)
  })

  it('gives a change more time than a read', async () => {
    await request(made.app).get('/api/v1/things/things/1').expect(200)
    await request(made.app).delete('/api/v1/things/things/1').set('Authorization', STAFF).expect(200)
    const [read, change] = things.seen.map(({ request }) => Number(request.headers['x-timeout-ms']))
    assert.ok(read! <= 5_000 && change! > 5_000 && change! <= 10_000, `${read}, ${change}`)
  })

  it('leaves no timer behind after a short answer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
    await request(made.app).get('/api/v1/things/things/1').expect(200)
    const before = timers()
    for (let count = 0; count < 20; count++) await request(made.app).get('/api/v1/things/things/1').expect(200)
    assert.ok(timers() < before + 10, `${timers()} timers, ${before} before`)
  })

  it('answers HEAD like GET without the body', async () => {
    await request(made.app).head('/api/v1/things/things/1').expect(200).expect('ETag', '"7"')
    assert.equal(things.seen[0]!.request.method, 'HEAD')
  })

  for (const path of [
    '/api/v1/things/holds',
    '/api/v1/things/.well-known/contract',
    '/api/v1/things/metrics',
    '/api/v1/things/livez',
    '/api/v1/things/things/../../holds',
    '/api/v1/things/things/..',
    '/api/v1/things/things/%2E%2e',
    '/api/v1/nothing/things/1',
    '/api/v1/constructor/things/1',
    '/metrics',
    '/livez',
    '/readyz'
  ]) {
    it(`answers 404 for ${path}`, async () => {
      for (const method of ['get', 'post', 'options'] as const) await request(made.app)[method](path).expect(404)
      assert.equal(things.seen.length, 0)
    })
  }

  it('answers 405 for a wrong method of a path, and names the path’s methods', async () => {
    const path = '/api/v1/things/things/1'
    for (const method of ['post', 'options'] as const) {
      await request(made.app)[method](path).expect(405).expect('Allow', 'GET, HEAD, PUT, PATCH, DELETE')
    }
    await request(made.app).get('/api/v1/things/imports').expect(405).expect('Allow', 'POST')
    assert.equal(things.seen.length, 0)
  })

  it('checks the token before it reads the body or calls the service', async () => {
    await request(made.app).put('/api/v1/things/things/1').send({ b: 1 }).expect(401)
    await request(made.app)
      .put('/api/v1/things/things/1')
      .set('Authorization', CUSTOMER.header)
      .send({ b: 1 })
      .expect(403)
    assert.equal(things.seen.length, 0)
  })

  it('lets only pages of the allowed origins read its answers', async () => {
    const config = { ALLOWED_ORIGINS: 'https://shop.example' }
    const open = await startGateway({ things: things.stub.url }, { config })
    const ask = (app: typeof made.app, origin: string) =>
      request(app).get('/api/v1/things/things/1').set('Origin', origin)
    const header = 'access-control-allow-origin'
    assert.equal((await ask(open.app, 'https://shop.example')).headers[header], 'https://shop.example')
    assert.equal((await ask(open.app, 'https://other.example')).headers[header], undefined)
    assert.equal((await ask(made.app, 'https://shop.example')).headers[header], undefined)
    await open.close()
  })
})
