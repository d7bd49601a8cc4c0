import assert from 'node:assert/strict'
import request from 'supertest'
import { newId, newSecretId } from '../src/core/ids.ts'
import { makeApp } from './greetings.ts'

describe('createApp', () => {
  it('names in a problem the path that the client sent to the gateway, if the prefix is a path', async () => {
    const { app } = makeApp()
    const instanceFor = async (prefix: string) =>
      (await request(app).get('/nothing').set('X-Forwarded-Prefix', prefix).expect(404)).body.instance
    assert.equal(await instanceFor('/api/v1/greeter'), '/api/v1/greeter/nothing')
    assert.equal(await instanceFor('https://elsewhere.example'), '/nothing')
  })

  it('never shows the cause of a 500, and logs the cause with the request ID of the answer', async () => {
    const { app, lines } = makeApp()
    const { status, text, headers } = await request(app).get('/fail').set('X-Request-Id', 'r-1')
    assert.equal(status, 500)
    assert.doesNotMatch(text, /1234/)
    assert.equal(headers['x-request-id'], 'r-1')
    const logged = lines.find(({ err }) => err) as { requestId: string; err: { message: string } }
    assert.equal(logged.requestId, 'r-1')
    assert.match(logged.err.message, /1234/)
  })

  it('logs an unavailable dependency as one warning without a stack', async () => {
    const { app, lines } = makeApp()
    const { headers, text } = await request(app).get('/away').expect(503)
    assert.equal(headers['retry-after'], '1')
    assert.doesNotMatch(text, /10.0.0.1/)
    const [warning, ...others] = lines.filter(({ level }) => Number(level) > 30)
    assert.deepEqual(others, [])
    assert.deepEqual(
      [warning!.level, warning!.msg, warning!.cause, warning!.err],
      [40, 'The store is not available', 'connect 10.0.0.1', undefined]
    )
  })

  it('logs requests for operations, but not requests for its contract', async () => {
    const { app, lines } = makeApp()
    await request(app).get('/.well-known/contract').expect(200)
    await request(app).get('/fail').expect(500)
    const requests = lines.filter(({ msg }) => msg === 'request')
    assert.deepEqual(
      requests.map(({ path }) => path),
      ['/fail']
    )
  })

  it('does not log secret IDs', async () => {
    const { app, lines } = makeApp()
    await request(app)
      .get(`/carts/${newSecretId('crt')}`)
      .expect(404)
    assert.equal(lines.find(({ msg }) => msg === 'request')!.path, '/carts/crt_***')
  })

  it('logs IDs that are not secret, but no headers with secrets', async () => {
    const { app, lines } = makeApp()
    const path = `/orders/${newId('ord')}`
    const headers = { 'Order-Secret': 'hidden-1', 'Idempotency-Key': 'hidden-2', Authorization: 'Bearer hidden-3' }
    await request(app).get(path).set(headers).expect(401)
    await request(app).get('/fail').set('Order-Secret', 'hidden-4').expect(500)
    assert.equal(lines.find(({ msg }) => msg === 'request')!.path, path)
    assert.ok(!JSON.stringify(lines).includes('hidden'))
  })

  it('continues the trace of the caller in its log', async () => {
    const { app, lines } = makeApp()
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    await request(app).get('/fail').set('traceparent', `00-${trace}-00f067aa0ba902b7-01`)
    assert.ok(lines.length > 0 && lines.every(({ traceId }) => traceId === trace))
  })

  it('starts a new trace and request ID at the edge, and logs those of the client separately', async () => {
    const { app, lines } = makeApp({ isEdge: true })
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`
    const { headers } = await request(app).get('/fail').set({ traceparent, 'X-Request-Id': 'r-1' })
    const requestId = headers['x-request-id']
    assert.ok(lines.length > 1 && lines.every(line => line.requestId === requestId && line.traceId === requestId))
    assert.ok(requestId !== trace && requestId !== 'r-1')
    const line = lines.find(({ msg }) => msg === 'request')!
    assert.equal(line.clientRequestId, 'r-1')
    assert.equal(line.clientTraceId, trace)
  })

  it('logs at the edge no ID of a client that is not safe to log', async () => {
    const { app, lines } = makeApp({ isEdge: true })
    await request(app).get('/fail').set({ traceparent: 'x', 'X-Request-Id': 'ada@example.com' })
    const line = lines.find(({ msg }) => msg === 'request')!
    assert.ok(!('clientRequestId' in line) && !('clientTraceId' in line))
  })

  it('counts requests by operation, and requests without an operation as `none`', async () => {
    const { app, registry } = makeApp()
    await request(app).get('/fail')
    await request(app).get('/no/such/operation').expect(404)
    await request(app).get('/%E0%A4%A').expect(400)
    const text = await registry.metrics()
    assert.match(text, /bulkhead_request_duration_seconds_count\{operation="fail",status="500"\} 1/)
    assert.match(text, /bulkhead_request_duration_seconds_count\{operation="none",status="404"\} 1/)
    assert.match(text, /bulkhead_request_duration_seconds_count\{operation="none",status="400"\} 1/)
  })

  it('serves its contract to anyone', async () => {
    assert.deepEqual((await request(makeApp().app).get('/.well-known/contract')).body, { digest: 'sha256:1' })
  })

  it('does not send its contract to a reader that has it', async () => {
    const { app } = makeApp()
    const { headers } = await request(app).get('/.well-known/contract').expect(200)
    const again = await request(app).get('/.well-known/contract').set('If-None-Match', headers.etag!).expect(304)
    assert.equal(again.text, '')
    await request(app).get('/.well-known/contract').set('If-None-Match', '"another"').expect(200)
  })
})
