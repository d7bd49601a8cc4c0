import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import { client } from '../src/client/client.ts'
import { defaultLimits } from '../src/client/client-policy.ts'
import { newCallContext } from '../src/client/client-request.ts'
import { needs } from '../src/contract/needs.ts'
import { processConfig } from '../src/core/config.ts'
import { asked, catalog, clientTarget, fail, known, traceparent, within } from './client-target.ts'

describe('client', () => {
  const target = clientTarget()
  const { connect, outcomes } = target

  it('sends a new trace if neither a request nor an event caused the call', async () => {
    target.answer = (_, response) => response.end(JSON.stringify(known))
    const context = newCallContext(60_000, { now: () => new Date() })
    await connect().getProduct(asked, context)
    const { traceparent, 'x-request-id': requestId, 'x-timeout-ms': timeout } = target.requests[0]!.headers
    assert.match(String(traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    assert.equal(requestId, String(traceparent).slice(3, 35))
    assert.ok(Number(timeout) > 0 && Number(timeout) <= 60_000)
  })

  it('fills in path and query, and returns only the fields that the need reads', async () => {
    target.answer = (_, response) => response.end(JSON.stringify({ ...known, secret: 1 }))
    const input = { params: { id: 'a/b?ü' }, query: { fields: ['x', 'y&z'], limit: 3 } }
    assert.deepEqual(await connect().getProduct(input, within(60_000)), known)
    assert.equal(target.requests[0]!.url, '/api/products/a%2Fb%3F%C3%BC?fields=x&fields=y%26z&limit=3')
    assert.deepEqual(await outcomes(), { ok: 1 })
  })

  it('refuses a path parameter that would be resolved as a relative path', async () => {
    const calls = connect()
    for (const id of ['', '.', '..']) {
      await assert.rejects(
        calls.removeProduct({ params: { id } }, within(60_000)),
        /The parameter id of a path can't be/
      )
    }
    assert.equal(target.requests.length, 0)
  })

  it('sends the token, the trace, the request ID and the remaining time', async () => {
    await connect().getProduct(asked, within(60_000))
    const { headers } = target.requests[0]!
    assert.equal(headers.authorization, 'Bearer token-for-catalog')
    assert.equal(headers.traceparent, traceparent)
    assert.equal(headers['x-request-id'], 'r-1')
    const left = Number(headers['x-timeout-ms'])
    assert.ok(left > 0 && left <= 60_000, `${left} ms`)
  })

  it('sends only the fields of a body that the need names, and reads an empty answer as undefined', async () => {
    let body = ''
    target.answer = async (request, response) => {
      for await (const chunk of request) body += chunk
      response.end(JSON.stringify(known))
    }
    const calls = connect()
    const named = { name: 'Lamp', secret: 1 }
    await calls.addProduct({ body: named }, within(60_000))
    assert.equal(body, '{"name":"Lamp"}')
    target.answer = (_, response) => response.writeHead(204).end()
    assert.equal(await calls.removeProduct({ params: { id: 'prd_1' } }, within(60_000)), undefined)
  })

  it('keeps the connection for the next call', async () => {
    const calls = connect({ concurrency: 1 })
    await calls.getProduct(asked, within(60_000))
    await calls.getProduct(asked, within(60_000))
    assert.equal(target.requests[0]!.socket, target.requests[1]!.socket)
  })

  it('passes fault points before and after each attempt', async () => {
    const passed: string[] = []
    const passFaultPoint = (name: string) => void passed.push(`${name} ${target.requests.length}`)
    const calls = client(catalog, {
      url: target.url,
      token: async () => 'token',
      registry: target.registry,
      passFaultPoint
    })
    target.answer = (_request, response) => {
      response.statusCode = target.requests.length < 2 ? 503 : 200
      response.end(JSON.stringify(known))
    }
    await calls.getProduct(asked, within(60_000))
    assert.deepEqual(passed, ['before-call 0', 'after-call 1', 'before-call 1', 'after-call 2'])
    await calls.close()
  })

  it('names the operation and the place if an answer breaks its schema', async () => {
    target.answer = (_, response) => response.end('{"id":"prd_1","price":{"amount":"1"}}')
    const calls = connect()
    await assert.rejects(
      calls.getProduct(asked, within(60_000)),
      /^Error: The answer of catalog\.getProduct breaks its contract: \/price\/amount: /
    )
    target.answer = (_, response) => response.end('<html>')
    await assert.rejects(calls.getProduct(asked, within(60_000)), /The answer of catalog\.getProduct is not JSON/)
  })

  it('refuses an answer over the size limit', async () => {
    target.answer = (_, response) => response.end(JSON.stringify({ ...known, filler: 'x'.repeat(2_000) }))
    await assert.rejects(connect({ answerSize: 1_000 }).getProduct(asked, within(60_000)), /larger than 1000 bytes/)
  })

  it('rejects with a Problem for a 404, and with a plain error that has the status for any other 4xx', async () => {
    const calls = connect()
    target.answer = fail(404)
    await assert.rejects(calls.getProduct(asked, within(60_000)), { name: 'Problem', status: 404 })
    target.answer = fail(403)
    await assert.rejects(calls.getProduct(asked, within(60_000)), { name: 'Error', status: 403 })
    assert.equal(target.requests.length, 2)
  })

  it('closes a connection after its idle time, whatever the target’s Keep-Alive says', async () => {
    let ended = false
    target.answer = (request, response) => {
      request.socket.on('end', () => {
        ended = true
      })
      response.setHeader('Connection', 'keep-alive').setHeader('Keep-Alive', 'timeout=75').end(JSON.stringify(known))
    }
    assert.deepEqual(await connect({ idle: 50 }).getProduct(asked, within(60_000)), known)
    await until(() => ended)
  })

  it('keeps an idle connection by default for less time than a target drains', () => {
    assert.ok(defaultLimits.idle < processConfig.parse({}).DRAIN_SECONDS * 1_000)
  })

  it('lets the clients of several targets share a registry', async () => {
    const other = client(needs('stock', {}), { url: target.url, token: async () => 't', registry: target.registry })
    connect()
    await other.close()
  })
})
