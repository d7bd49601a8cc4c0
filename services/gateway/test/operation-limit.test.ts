import assert from 'node:assert/strict'
import { operation } from '@bulkhead/chassis/operation'
import { customer } from '@bulkhead/testing/callers'
import request from 'supertest'
import * as z from 'zod'
import type { LeaseTokens } from '../src/token-leases.ts'
import { gateway, stubService } from './stand.ts'

const CALLS = 4

const orderThing = operation({
  ...{ id: 'orderThing', method: 'post', path: '/orders', summary: 'Order a thing', callers: ['public'] },
  ...{ perAccount: { calls: CALLS, seconds: 60 }, answers: { 200: { description: 'Ordered', body: z.object({}) } } }
})
const listOrders = operation({
  ...{ id: 'listOrders', method: 'get', path: '/orders', summary: 'List orders', callers: ['public'] },
  answers: { 200: { description: 'Orders', body: z.object({}) } }
})

/** Full buckets that do not fill up again. */
function bucketsOfOneTest(): LeaseTokens {
  const left = new Map<string, number>()
  return async (key, asked, { burst }) => {
    const tokens = left.get(key) ?? burst
    left.set(key, Math.max(0, tokens - asked))
    return Math.min(tokens, asked)
  }
}

describe('an operation that limits how often an account calls it', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof gateway>>

  const start = async (lease: LeaseTokens) => {
    things = await stubService([orderThing, listOrders])
    made = await gateway({ things: things.stub.url }, { lease })
  }
  afterEach(async () => {
    await made.close()
    await things.stop()
  })

  const send = (method: 'post' | 'get', account?: { header: string }) =>
    request(made.app)
      [method]('/api/v1/things/orders')
      .set(account ? { Authorization: account.header } : {})
  const counted = async (metric: string) => {
    const { values } = await made.registry.getSingleMetric(`bulkhead_rate_limit_${metric}`)!.get()
    return values.find(({ labels }) => labels.limit === 'things.orderThing')?.value
  }

  it('is refused to that account alone, and nothing else is', async () => {
    await start(bucketsOfOneTest())
    const [one, other] = [customer(), customer()]
    let passed = 0
    let answer = await send('post', one)
    for (; answer.status === 200 && passed < 100; passed++) answer = await send('post', one)
    assert.equal(passed, CALLS)
    assert.equal(answer.status, 429)
    assert.equal(answer.body.type, 'urn:bulkhead:problem:too-many-requests')
    assert.equal(answer.body.detail, 'At most 4 calls of things.orderThing in 60 seconds by account')
    assert.equal(answer.headers['retry-after'], '15')
    assert.equal(answer.headers['ratelimit-policy'], '"things.orderThing";q=4;w=60')
    assert.equal(things.seen.length, CALLS)
    assert.equal(await counted('refused_total'), 1)
    await send('get', one).expect(200)
    await send('post', other).expect(200)
    for (let asked = 0; asked <= CALLS; asked++) await send('post').expect(200)
  })

  it('lets calls through, and counts them, while Redis is away', async () => {
    await start(async () => Promise.reject(new Error('away')))
    const account = customer()
    for (let asked = 0; asked <= CALLS; asked++) await send('post', account).expect(200)
    assert.equal(await counted('open_total'), CALLS + 1)
  })

  it('says so in the reference', async () => {
    await start(bucketsOfOneTest())
    const { paths } = (await request(made.app).get('/openapi.json').expect(200)).body
    const { post, get } = paths['/api/v1/things/orders']
    assert.match(post.description, / At most 4 calls in 60 seconds by account\.$/)
    assert.doesNotMatch(get.description, /At most/)
  })
})
