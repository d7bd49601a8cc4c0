import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener } from 'node:http'
import { httpServer } from '@bulkhead/testing/http-server'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { z } from 'zod'
import { client } from '../src/client.ts'
import { type ClientLimits, defaultLimits } from '../src/client-policy.ts'
import { processConfig } from '../src/config.ts'
import { defineNeed, needs } from '../src/needs.ts'
import { Problem } from '../src/problem.ts'

const product = z.object({ id: z.string(), price: z.object({ amount: z.int() }) })
const catalog = needs('catalog', {
  getProduct: defineNeed({
    operation: 'getProduct',
    method: 'get',
    path: '/products/{id}',
    params: z.object({ id: z.string() }),
    query: z.object({ fields: z.array(z.string()).optional(), limit: z.int().optional() }),
    reads: product
  }),
  addProduct: defineNeed({
    operation: 'addProduct',
    method: 'post',
    path: '/products',
    body: z.object({ name: z.string() }),
    reads: product
  }),
  orderProduct: defineNeed({
    ...{ operation: 'orderProduct', method: 'post', path: '/orders', reads: product },
    headers: z.object({ 'idempotency-key': z.string() })
  }),
  removeProduct: defineNeed({
    operation: 'removeProduct',
    method: 'delete',
    path: '/products/{id}',
    params: z.object({ id: z.string() }),
    reads: z.undefined()
  })
})
const known = { id: 'prd_1', price: { amount: 100 } }
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const within = (milliseconds: number) => ({ requestId: 'r-1', traceparent, deadline: Date.now() + milliseconds })
const asked = { params: { id: 'prd_1' }, query: {} }

/** Checks for a 503 Problem and returns whether its cause, as text, matches. */
const away = (cause: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Problem, String(error))
  assert.equal(error.status, 503)
  assert.equal(error.detail, 'catalog is not available')
  assert.match(String(error.cause), cause)
  return true
}

describe('client', () => {
  let server: Awaited<ReturnType<typeof httpServer>>
  let answer: RequestListener
  let requests: IncomingMessage[]
  let registry: Registry
  let close: () => Promise<void>

  beforeEach(async () => {
    requests = []
    registry = new Registry()
    close = async () => undefined
    answer = (_, response) => response.end(JSON.stringify(known))
    server = await httpServer((request, response) => {
      requests.push(request)
      answer(request, response)
    })
  })
  afterEach(async () => {
    await server.stop()
    await close()
  })

  const url = () => `${server.url}/api/`
  function connect(limits: Partial<ClientLimits> = {}, to = url()) {
    const made = client(catalog, { url: to, token: async target => `token-for-${target}`, registry, limits })
    close = made.close
    return made
  }
  const metric = async (name: string, labels: Record<string, string> = {}) => {
    const { values } = await registry.getSingleMetric(`bulkhead_client_${name}`)!.get()
    const isMeant = (value: (typeof values)[number]) =>
      Object.entries({ target: 'catalog', ...labels }).every(([key, label]) => value.labels[key] === label)
    return values.filter(isMeant)
  }
  const outcomes = async () => {
    const values = await metric('request_duration_seconds')
    const counts = values.filter(value => 'metricName' in value && String(value.metricName).endsWith('_count'))
    return Object.fromEntries(counts.map(({ labels, value }) => [labels.outcome, value]))
  }
  const fail = (status: number, headers = {}): RequestListener => {
    return (_, response) => response.writeHead(status, headers).end('{}')
  }

  it('fills path and query and answers only the fields that are read', async () => {
    answer = (_, response) => response.end(JSON.stringify({ ...known, secret: 1 }))
    const input = { params: { id: 'a/b?ü' }, query: { fields: ['x', 'y&z'], limit: 3 } }
    assert.deepEqual(await connect().getProduct(input, within(5_000)), known)
    assert.equal(requests[0]!.url, '/api/products/a%2Fb%3F%C3%BC?fields=x&fields=y%26z&limit=3')
    assert.deepEqual(await outcomes(), { ok: 1 })
  })

  it('refuses a path parameter that would be resolved as a relative path', async () => {
    const calls = connect()
    for (const id of ['', '.', '..']) {
      await assert.rejects(calls.removeProduct({ params: { id } }, within(5_000)), /can't be the path's id/)
    }
    assert.equal(requests.length, 0)
  })

  it('sends token, trace, request ID and the time that is left', async () => {
    await connect().getProduct(asked, within(5_000))
    const { headers } = requests[0]!
    assert.equal(headers.authorization, 'Bearer token-for-catalog')
    assert.equal(headers.traceparent, traceparent)
    assert.equal(headers['x-request-id'], 'r-1')
    const left = Number(headers['x-timeout-ms'])
    assert.ok(left > 3_000 && left <= 5_000, `${left} ms`)
  })

  it('sends of a body what the need names, and reads an empty answer as undefined', async () => {
    let body = ''
    answer = async (request, response) => {
      for await (const chunk of request) body += chunk
      response.end(JSON.stringify(known))
    }
    const calls = connect()
    const named = { name: 'Lamp', secret: 1 }
    await calls.addProduct({ body: named }, within(5_000))
    assert.equal(body, '{"name":"Lamp"}')
    answer = (_, response) => response.writeHead(204).end()
    assert.equal(await calls.removeProduct({ params: { id: 'prd_1' } }, within(5_000)), undefined)
  })

  it('keeps the connection for the next call', async () => {
    const calls = connect({ concurrency: 1 })
    await calls.getProduct(asked, within(5_000))
    await calls.getProduct(asked, within(5_000))
    assert.equal(requests[0]!.socket, requests[1]!.socket)
  })

  it('asks a server that hangs once more, on another connection, and gives up', async () => {
    answer = () => undefined
    await assert.rejects(connect({ timeout: 50 }).getProduct(asked, within(5_000)), away(/within 50 ms/))
    assert.equal(requests.length, 2)
    assert.notEqual(requests[0]!.socket, requests[1]!.socket)
    assert.deepEqual(await outcomes(), { timeout: 1 })
  })

  it('does not send again what changes something after a time-out, nor where the deadline leaves less than an attempt', async () => {
    answer = () => undefined
    const calls = connect({ timeout: 200 })
    await assert.rejects(calls.removeProduct({ params: { id: 'prd_1' } }, within(5_000)), away(/within 200 ms/))
    await assert.rejects(calls.getProduct(asked, within(350)), away(/within 200 ms/))
    assert.equal(requests.length, 2)
  })

  it('takes an answer that came while this process was too busy to read it', async () => {
    answer = (_, response) => {
      response.end(JSON.stringify(known))
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150))
    }
    assert.deepEqual(await connect({ timeout: 100 }).addProduct({ body: { name: 'Lamp' } }, within(5_000)), known)
  })

  it('gives up on a body that never ends', async () => {
    answer = (_, response) => response.write('{"id":')
    await assert.rejects(connect({ timeout: 50 }).getProduct(asked, within(5_000)), away(/within 50 ms/))
  })

  it('never waits beyond the deadline, and sends nothing when it has passed', async () => {
    answer = () => undefined
    const calls = connect()
    const start = Date.now()
    await assert.rejects(calls.getProduct(asked, within(60)), away(/No answer/))
    assert.ok(Date.now() - start < 800)
    assert.equal(requests.length, 1)
    await assert.rejects(calls.getProduct(asked, within(-1)), away(/within 0 ms/))
    assert.equal(requests.length, 1)
  })

  it('tries again after a 503', async () => {
    answer = (_, response) => {
      if (requests.length > 2) response.end(JSON.stringify(known))
      else response.writeHead(503).end()
    }
    assert.deepEqual(await connect().getProduct(asked, within(5_000)), known)
    assert.equal(requests.length, 3)
    assert.equal((await metric('retries_total'))[0]!.value, 2)
  })

  it('tries again at most twice', async () => {
    answer = fail(502)
    await assert.rejects(connect().getProduct(asked, within(5_000)), away(/getProduct answered 502/))
    assert.equal(requests.length, 3)
  })

  it('tries again after a broken connection', async () => {
    answer = (request, response) => {
      if (requests.length > 1) response.end(JSON.stringify(known))
      else request.socket.destroy()
    }
    assert.deepEqual(await connect().getProduct(asked, within(5_000)), known)
  })

  it('waits as long as Retry-After asks, and not at all where the deadline leaves less', async () => {
    answer = (_, response) => {
      if (requests.length > 1) response.end(JSON.stringify(known))
      else response.writeHead(503, { 'Retry-After': '1' }).end()
    }
    const calls = connect()
    const start = Date.now()
    await calls.getProduct(asked, within(5_000))
    assert.ok(Date.now() - start >= 990)
    answer = fail(503, { 'Retry-After': '7' })
    requests = []
    const refused = calls.getProduct(asked, within(2_000))
    await assert.rejects(refused, error => (error as Problem).headers['Retry-After'] === '7')
    assert.equal(requests.length, 1)
  })

  it('does not try a POST again', async () => {
    answer = fail(503)
    await assert.rejects(connect().addProduct({ body: { name: 'Lamp' } }, within(5_000)), away(/503/))
    assert.equal(requests.length, 1)
  })

  it('sends the headers that a need names, and what has an Idempotency-Key again', async () => {
    answer = (_request, response) => {
      response.statusCode = requests.length < 2 ? 503 : 200
      response.end(JSON.stringify(known))
    }
    await connect().orderProduct({ headers: { 'idempotency-key': 'order-0001' } }, within(5_000))
    assert.deepEqual(
      requests.map(({ headers }) => headers['idempotency-key']),
      ['order-0001', 'order-0001']
    )
  })

  it('passes fault points before and after each attempt', async () => {
    const passed: string[] = []
    const at = (name: string) => void passed.push(`${name} ${requests.length}`)
    const calls = client(catalog, { url: server.url, token: async () => 'token', registry, at })
    answer = (_request, response) => {
      response.statusCode = requests.length < 2 ? 503 : 200
      response.end(JSON.stringify(known))
    }
    await calls.getProduct(asked, within(5_000))
    assert.deepEqual(passed, ['before-call 0', 'after-call 1', 'before-call 1', 'after-call 2'])
    await calls.close()
  })

  it('stops retries when their budget is used up', async () => {
    answer = fail(503)
    const calls = connect({ retryBudget: { ratio: 0.1, most: 3 } })
    for (let call = 0; call < 4; call++) await assert.rejects(calls.getProduct(asked, within(5_000)), away(/503/))
    assert.equal(requests.length, 4 + 3)
  })

  it('opens the circuit for a target that fails and closes it again', async () => {
    answer = fail(503)
    const breaker = { threshold: 0.5, duration: 5_000, minimumRps: 1, halfOpenAfter: 200 }
    const calls = connect({ retries: 0, breaker })
    for (let call = 0; call < 5; call++) await assert.rejects(calls.getProduct(asked, within(5_000)), away(/503/))
    await assert.rejects(calls.getProduct(asked, within(5_000)), away(/circuit breaker is open/))
    assert.equal(requests.length, 5)
    assert.equal((await metric('circuit_open'))[0]!.value, 1)
    assert.deepEqual(await outcomes(), { unavailable: 5, rejected: 1 })
    answer = (_, response) => response.end(JSON.stringify(known))
    await until(() => calls.getProduct(asked, within(5_000)).catch(() => undefined))
    assert.equal((await metric('circuit_open'))[0]!.value, 0)
  })

  it('opens the circuit for a target that fails in a row, where that is not half of what it was asked', async () => {
    answer = (_, response) => response.end(JSON.stringify(known))
    const breaker = { threshold: 0.5, duration: 3_000, minimumRps: 1, halfOpenAfter: 60_000 }
    const calls = connect({ retries: 0, breaker })
    for (let call = 0; call < 5; call++) await calls.getProduct(asked, within(5_000))
    answer = fail(503)
    for (let call = 0; call < 3; call++) await assert.rejects(calls.getProduct(asked, within(5_000)), away(/503/))
    await assert.rejects(calls.getProduct(asked, within(5_000)), away(/circuit breaker is open/))
  })

  it('does not open the circuit for callers in a hurry', async () => {
    answer = () => undefined
    const breaker = { threshold: 0.5, duration: 1_000, minimumRps: 5, halfOpenAfter: 60_000 }
    const calls = connect({ retries: 0, breaker })
    const hurried = Array.from({ length: 20 }, () => calls.getProduct(asked, within(40)).catch(() => undefined))
    await Promise.all(hurried)
    answer = (_, response) => response.end(JSON.stringify(known))
    assert.deepEqual(await calls.getProduct(asked, within(5_000)), known)
  })

  it('limits calls at once, lets some wait and refuses the rest', async () => {
    const held: (() => void)[] = []
    answer = (_, response) => held.push(() => response.end(JSON.stringify(known)))
    const calls = connect({ concurrency: 2, queue: 1, timeout: 5_000 })
    const three = [1, 2, 3].map(() => calls.getProduct(asked, within(5_000)))
    await until(() => held.length === 2)
    assert.equal((await metric('queue_length'))[0]!.value, 1)
    await assert.rejects(calls.getProduct(asked, within(5_000)), away(/Bulkhead capacity exceeded/))
    for (const release of held.splice(0)) release()
    await until(() => held.length === 1)
    held[0]!()
    assert.deepEqual(await Promise.all(three), [known, known, known])
    assert.equal((await metric('queue_length'))[0]!.value, 0)
  })

  it('does not hold up those in the queue behind one that gave up', async () => {
    const held: (() => void)[] = []
    answer = (_, response) => held.push(() => response.end(JSON.stringify(known)))
    const calls = connect({ concurrency: 1, queue: 2, timeout: 5_000 })
    const first = calls.getProduct(asked, within(5_000))
    const hurried = calls.getProduct(asked, within(40))
    const last = calls.getProduct(asked, within(5_000))
    await assert.rejects(hurried, away(/No answer/))
    await until(() => held.length === 1)
    held[0]!()
    await until(() => held.length === 2)
    held[1]!()
    assert.deepEqual(await Promise.all([first, last]), [known, known])
  })

  it('tells operation and place of an answer that breaks its schema', async () => {
    answer = (_, response) => response.end('{"id":"prd_1","price":{"amount":"1"}}')
    const calls = connect()
    await assert.rejects(calls.getProduct(asked, within(5_000)), /^Error: catalog\.getProduct .* \/price\/amount: /)
    answer = (_, response) => response.end('<html>')
    await assert.rejects(calls.getProduct(asked, within(5_000)), /catalog\.getProduct answered what is no JSON/)
  })

  it('refuses an answer over the size limit', async () => {
    answer = (_, response) => response.end(JSON.stringify({ ...known, filler: 'x'.repeat(2_000) }))
    await assert.rejects(connect({ answerSize: 1_000 }).getProduct(asked, within(5_000)), /larger than 1000 bytes/)
  })

  it('answers 404 as a Problem and another 4xx as a plain error with its status', async () => {
    const calls = connect()
    answer = fail(404)
    await assert.rejects(calls.getProduct(asked, within(5_000)), { name: 'Problem', status: 404 })
    answer = fail(403)
    await assert.rejects(calls.getProduct(asked, within(5_000)), { name: 'Error', status: 403 })
    assert.equal(requests.length, 2)
  })

  it('answers 503 when nothing listens', async () => {
    const calls = connect({}, url())
    await server.stop()
    await assert.rejects(calls.getProduct(asked, within(5_000)), away(/ConnectionFailed/))
    assert.equal((await metric('retries_total'))[0]!.value, 2)
  })

  it('ends a connection that idled for its time, whatever the target’s Keep-Alive says', async () => {
    let ended = false
    answer = (request, response) => {
      request.socket.on('end', () => {
        ended = true
      })
      response.setHeader('Connection', 'keep-alive').setHeader('Keep-Alive', 'timeout=75').end(JSON.stringify(known))
    }
    assert.deepEqual(await connect({ idle: 50 }).getProduct(asked, within(5_000)), known)
    await until(() => ended)
  })

  it('keeps an idle connection for less than a target drains, unless told otherwise', () => {
    assert.ok(defaultLimits.idle < processConfig.parse({}).DRAIN_SECONDS * 1_000)
  })

  it('lets the clients of several targets share a registry', async () => {
    const other = client(needs('stock', {}), { url: url(), token: async () => 't', registry })
    connect()
    await other.close()
  })
})
