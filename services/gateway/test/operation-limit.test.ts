import assert from 'node:assert/strict'
import { operation } from '@bulkhead/chassis/contract'
import { customer, service } from '@bulkhead/testing/callers'
import request from 'supertest'
import * as z from 'zod'
import type { LeaseTokens } from '../src/limits/leases.ts'
import { startGateway, stubService } from './helper.ts'

const CALLS = 4

const orderThing = operation({
  id: 'orderThing',
  method: 'post',
  path: '/orders',
  summary: 'Order a thing',
  callers: ['public', 'service:shop'],
  perClient: { calls: CALLS, seconds: 60 },
  answers: { 200: { description: 'Ordered', body: z.object({}) } }
})
const listOrders = operation({
  id: 'listOrders',
  method: 'get',
  path: '/orders',
  summary: 'List orders',
  callers: ['public'],
  answers: { 200: { description: 'Orders', body: z.object({}) } }
})

/** Buckets that are full at first and never refill. */
function bucketsOfOneTest(): LeaseTokens {
  const left = new Map<string, number>()
  return async (key, asked, { burst }) => {
    const tokens = left.get(key) ?? burst
    left.set(key, Math.max(0, tokens - asked))
    return Math.min(tokens, asked)
  }
}

describe('an operation with a limit of calls by one client', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof startGateway>>

  const start = async (lease: LeaseTokens, factor = '1') => {
    things = await stubService([orderThing, listOrders])
    const config = { TRUSTED_PROXIES: '1', OPERATION_LIMIT_FACTOR: factor }
    made = await startGateway({ things: things.stub.url }, { lease, config })
  }
  afterEach(async () => {
    await made.close()
    await things.stop()
  })

  type Client = { account?: string; address?: string }
  const send = (method: 'post' | 'get', { account, address = '192.0.2.1' }: Client = {}) =>
    request(made.app)
      [method]('/api/v1/things/orders')
      .set({ 'X-Forwarded-For': address, ...(account && { Authorization: account }) })
  /** Calls the operation until a call is refused. */
  async function exhaust(client?: Client) {
    for (let passed = 0; passed < 100; passed++) {
      const answer = await send('post', client)
      if (answer.status !== 200) return { passed, answer }
    }
    throw new Error('Nothing was refused')
  }
  const counted = async (metric: string) => {
    const { values } = await made.registry.getSingleMetric(`bulkhead_rate_limit_${metric}`)!.get()
    return values.find(({ labels }) => labels.limit === 'things.orderThing')?.value
  }

  it('answers 429 with the limit and the time to try again', async () => {
    await start(bucketsOfOneTest())
    const { passed, answer } = await exhaust({ account: customer().header })
    assert.equal(passed, CALLS)
    assert.equal(answer.status, 429)
    assert.equal(answer.body.type, 'urn:bulkhead:problem:too-many-requests')
    const limit = 'At most 4 calls of things.orderThing in 60 seconds from one client'
    assert.equal(answer.body.detail, `${limit}: try again in 15 s`)
    assert.equal(answer.headers['retry-after'], '15')
    assert.equal(answer.headers.ratelimit, '"things.orderThing";r=0;t=15')
    assert.equal(answer.headers['ratelimit-policy'], '"things.orderThing";q=4;w=60')
    assert.equal(things.seen.length, CALLS)
    assert.equal(await counted('refused_total'), 1)
  })

  it('counts the calls of each account, from any address', async () => {
    await start(bucketsOfOneTest())
    const [one, other] = [customer().header, customer().header]
    await exhaust({ account: one })
    await send('post', { account: one, address: '192.0.2.2' }).expect(429)
    await send('post', { account: other }).expect(200)
    await send('post').expect(200)
    await send('get', { account: one }).expect(200)
  })

  it('counts all guests of one network together', async () => {
    await start(bucketsOfOneTest())
    const { passed } = await exhaust({ address: '2001:db8::1' })
    assert.equal(passed, CALLS)
    await send('post', { address: '2001:db8::2' }).expect(429)
    await send('post', { address: '2001:db8:0:1::1' }).expect(200)
    await send('post', { address: '192.0.2.1' }).expect(200)
    await send('post', { address: '2001:db8::1', account: customer().header }).expect(200)
    await send('get', { address: '2001:db8::1' }).expect(200)
  })

  it('has no limit for services', async () => {
    await start(bucketsOfOneTest())
    const account = service('shop', 'gateway')
    for (let calls = 0; calls <= CALLS; calls++) await send('post', { account }).expect(200)
  })

  it('multiplies its limit by OPERATION_LIMIT_FACTOR', async () => {
    await start(bucketsOfOneTest(), '2')
    const { passed, answer } = await exhaust()
    assert.equal(passed, 2 * CALLS)
    assert.match(answer.body.detail, /^At most 8 calls of things.orderThing in 60 seconds/)
    assert.equal(answer.headers['ratelimit-policy'], '"things.orderThing";q=8;w=60')
  })

  it('lets calls pass and counts them while Redis is unavailable', async () => {
    await start(async () => Promise.reject(new Error('away')))
    for (let calls = 0; calls <= CALLS; calls++) await send('post').expect(200)
    assert.equal(await counted('open_total'), CALLS + 1)
  })

  it('states its limit in the reference', async () => {
    await start(bucketsOfOneTest())
    const { paths } = (await request(made.app).get('/openapi.json').expect(200)).body
    const { post, get } = paths['/api/v1/things/orders']
    assert.match(post.description, / At most 4 calls in 60 seconds from one client\.$/)
    assert.doesNotMatch(get.description, /At most/)
  })
})
