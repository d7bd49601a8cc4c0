import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { httpServer } from '@bulkhead/testing/http-server'
import { HeldBack, openGateway, RequestFailed } from '../src/gateway/gateway.ts'
import { startStatistics } from '../src/report/statistics.ts'

describe("the load's client of a gateway", () => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  /** Opens a gateway whose server answers with `listener`. The clock stands still until it is moved. */
  async function gatewayOf(listener: RequestListener) {
    const { url, stop } = await httpServer(listener)
    ends.push(stop)
    const statistics = startStatistics()
    const clock = { now: 0 }
    return { ...openGateway({ url, statistics, now: () => clock.now }), statistics, clock }
  }

  const problem =
    (status: number, type: string, headers = {}): RequestListener =>
    (_, response) =>
      response
        .writeHead(status, { 'content-type': 'application/problem+json', ...headers })
        .end(JSON.stringify({ type }))

  it('counts an unexpected status as failed, with the type of the problem', async () => {
    const { call, statistics } = await gatewayOf(problem(503, 'https://bulkhead.dev/problems/store-full'))
    await rejects(call('cart', [200], 'GET', '/'), RequestFailed)
    deepEqual(statistics.figures().errors, { 'cart: 503 store-full': 1 })
  })

  it('sends no request of a step until Retry-After is over', async () => {
    let asked = 0
    const { call, statistics, clock } = await gatewayOf((request, response) => {
      asked++
      problem(429, 'too-many-requests', { 'retry-after': '3' })(request, response)
    })
    await rejects(call('order', [201], 'POST', '/'), { isLimited: true })
    clock.now = 2_999
    await rejects(call('order', [201], 'POST', '/'), HeldBack)
    equal(asked, 1)
    await rejects(call('cart', [201], 'POST', '/'), { isLimited: true })
    clock.now = 3_000
    await rejects(call('order', [201], 'POST', '/'), { isLimited: true })
    const { requests, heldBack } = statistics.figures()
    deepEqual({ requests, heldBack }, { requests: { ok: 0, limited: 3, failed: 0 }, heldBack: 1 })
  })

  it('counts a refused connection as failed, with its code', async () => {
    const { call, statistics } = await gatewayOf(() => undefined)
    await ends.pop()!()
    await rejects(call('cart', [200], 'GET', '/'), RequestFailed)
    deepEqual(Object.keys(statistics.figures().errors), ['cart: ECONNREFUSED'])
  })

  it('refuses an answer that is too large', async () => {
    const { call, statistics } = await gatewayOf((_, response) => response.end('x'.repeat(9 * 1024 * 1024)))
    await rejects(call('products', [200], 'GET', '/'), RequestFailed)
    deepEqual(Object.keys(statistics.figures().errors), ['products: ANSWER_TOO_LARGE'])
  })

  it('lists the services that the gateway routes to', async () => {
    const paths = { '/api/v1/cart/carts': {}, '/api/v1/cart/carts/{id}': {}, '/api/v1/orders/orders': {}, '/other': {} }
    const { services } = await gatewayOf((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ paths }))
    )
    deepEqual(await services(), ['cart', 'orders'])
  })
})
