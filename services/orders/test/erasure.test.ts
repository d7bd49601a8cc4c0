import assert from 'node:assert/strict'
import { appDeps } from '@bulkhead/testing/app-deps'
import * as callers from '@bulkhead/testing/callers'
import { mongoStore } from '@bulkhead/testing/mongo-database'
import request from 'supertest'
import { order as orderSchema } from '../src/schemas.ts'
import { type Neighbours, neighbours, replica, type Store, twoMugs } from './helper.ts'

const ada = callers.customer()
const bob = callers.customer()
const staff = callers.staff()

describe('orders of an erased customer', () => {
  let around: Neighbours
  let store: Store
  let one: Awaited<ReturnType<typeof replica>>

  beforeEach(async () => {
    around = await neighbours()
    store = await mongoStore('orders', appDeps('orders'))
    one = await replica(store, around)
  })
  afterEach(async () => {
    await one.stop()
    await Promise.all([around.stop(), store.close()])
  })

  const place = async (key: string, { header }: { header: string }) =>
    (
      await request(one.app)
        .post('/orders')
        .set({ 'Idempotency-Key': key, Authorization: header })
        .send(twoMugs)
        .expect(201)
    ).body
  const seenByStaff = async ({ id }: { id: string }) =>
    (await request(one.app).get(`/orders/${id}`).set('Authorization', staff.header).expect(200)).body
  const erase = (subject: string) => {
    const event = { id: 'evt_1', type: 'identity.customer.erased', subject, version: 2 }
    const context = {
      traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
      requestId: 'erasure-1',
      deadline: Date.now() + 5_000
    }
    return one.handlers['identity.customer.erased']!(event as never, context as never)
  }

  it('stay without what says who it was, and those of others as they are', async () => {
    const mine = await place('erasure-mine-1', ada)
    const others = await place('erasure-others-1', bob)
    await erase(ada.id)
    const left = await seenByStaff(mine)
    assert.deepEqual(orderSchema.parse(left), left)
    assert.deepEqual([left.email, left.deliveryAddress], [undefined, { country: 'DE' }])
    assert.deepEqual([left.total, left.lines], [mine.total, mine.lines])
    const { email, deliveryAddress } = await seenByStaff(others)
    assert.deepEqual({ email, deliveryAddress }, { email: twoMugs.email, deliveryAddress: twoMugs.deliveryAddress })
    const stored = JSON.stringify(await one.orders.collection.findOne({ _id: mine.id }))
    for (const word of [twoMugs.email, ...Object.values(twoMugs.deliveryAddress).slice(0, 4)])
      assert.ok(!stored.includes(`"${word}"`), `${word} is still there`)
  })

  it('are reported each time that the event comes, for the report may have been lost', async () => {
    await place('erasure-twice-1', ada)
    around.identity.answer('reportErasure', () => ({ status: 503, body: {} }))
    await assert.rejects(async () => erase(ada.id))
    around.identity.answer('reportErasure', () => ({ body: {} }))
    await erase(ada.id)
    const reports = around.identity.asked.filter(({ params }) => params.id === ada.id)
    assert.deepEqual(reports.at(-1)?.body, { outcome: 'anonymised' })
  })

  it('say nothing of them either when they are placed with a last token', async () => {
    await erase(ada.id)
    const late = await place('erasure-late-1', ada)
    assert.deepEqual([late.email, late.deliveryAddress], [undefined, { country: 'DE' }])
    assert.deepEqual((await seenByStaff(late)).deliveryAddress, { country: 'DE' })
  })
})
