import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import * as callers from '@bulkhead/testing/callers'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { order as orderSchema } from '../src/orders/schemas.ts'
import { orders as service } from '../src/service.ts'
import { type Replica, startReplica, TIMES, twoMugs } from './helper.ts'
import { shop } from './shop.ts'

const ada = callers.customer()
const bob = callers.customer()
const staff = callers.staff()

describe('orders of an erased customer', () => {
  const { replica, send, place: placing, comesTo } = shop()
  let fakes: Replica['fakes']
  let store: Replica['store']

  beforeEach(() => {
    ;({ fakes, store } = replica())
  })

  const place = async (key: string, { header }: { header: string }) =>
    (await placing(twoMugs, key, header).expect(201)).body
  const seenByStaff = async ({ id }: { id: string }) =>
    (await send('get', `/orders/${id}`, staff.header).expect(200)).body
  const erase = (subject: string) => {
    const event = { id: 'evt_1', type: 'identity.customer.erased', subject, version: 2 }
    const context = {
      traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
      requestId: 'erasure-1',
      deadline: Date.now() + 5_000
    }
    return replica().on['identity.customer.erased']!(event as never, context as never)
  }

  it('lose the personal data, while orders of others keep theirs', async () => {
    const mine = await place('erasure-mine-1', ada)
    const others = await place('erasure-others-1', bob)
    await erase(ada.id)
    const left = await seenByStaff(mine)
    assert.deepEqual(orderSchema.parse(left), left)
    assert.equal(left.email, undefined)
    assert.deepEqual(left.deliveryAddress, { country: 'DE' })
    assert.deepEqual(left.total, mine.total)
    assert.deepEqual(left.lines, mine.lines)
    const { email, deliveryAddress } = await seenByStaff(others)
    assert.deepEqual({ email, deliveryAddress }, { email: twoMugs.email, deliveryAddress: twoMugs.deliveryAddress })
    const stored = JSON.stringify(await store.collection.findOne({ _id: mine.id }))
    for (const word of [twoMugs.email, ...Object.values(twoMugs.deliveryAddress).slice(0, 4)])
      assert.ok(!stored.includes(`"${word}"`), `${word} is still there`)
  })

  it('are reported at each delivery of the event, because an earlier report may have been lost', async () => {
    await place('erasure-twice-1', ada)
    fakes.identity.answer('reportErasure', () => ({ status: 503, body: {} }))
    await assert.rejects(async () => erase(ada.id))
    fakes.identity.answer('reportErasure', () => ({ body: {} }))
    await erase(ada.id)
    const reports = fakes.identity.asked.filter(({ params }) => params.id === ada.id)
    assert.deepEqual(reports.at(-1)?.body, { outcome: 'anonymised' })
  })

  const storedOf = async ({ id }: { id: string }) => (await store.byId(id))!
  const isAnonymous = async (order: { id: string }) => {
    const { email, deliveryAddress } = await storedOf(order)
    return email === undefined && Object.keys(deliveryAddress).join() === 'country'
  }
  const erasures = () => replica().db.collection<{ _id: string; at: Date }>('erasures')

  it('become anonymous soon if they are placed after the erasure', async () => {
    await erase(ada.id)
    const late = await place('erasure-late-1', ada)
    await until(() => isAnonymous(late))
    await comesTo(late.id, 'captured')
    assert.deepEqual((await seenByStaff(late)).deliveryAddress, { country: 'DE' })
    assert.equal(await erasures().countDocuments({ _id: ada.id }), 1)
  })

  it('become anonymous even if the process that stored one was killed immediately afterwards', async () => {
    await erase(ada.id)
    const { version, ...order } = await storedOf(await place('erasure-kill-1', bob))
    const left = { ...order, id: newId('ord'), customer: ada.id } // a killed process leaves only the order
    const madeBy = { key: 'of the request', content: 'of it' }
    await store.insert(left, [], left, madeBy)
    await until(() => isAnonymous(left))
    const again = await store.insert({ ...left, id: newId('ord') }, [], left, madeBy)
    assert.equal(again.id, left.id)
    assert.equal(again.email, undefined)
    assert.equal(await isAnonymous(order), false)
  })

  it('are swept once more after the last token has expired; then the erasure is removed', async () => {
    const late = await place('erasure-over-1', ada)
    await erasures().insertOne({ _id: ada.id, at: new Date(Date.now() - 2 * 3_600_000) })
    await until(async () => (await erasures().countDocuments({ _id: ada.id })) === 0)
    assert.ok(await isAnonymous(late))
  })

  const holder = async () =>
    (await replica().db.collection<{ _id: string; holder: string }>('leases').findOne({ _id: 'erasures' }))?.holder

  it('are swept by one replica at a time', async () => {
    const other = await startReplica({ besides: replica() })
    const first = await until(holder)
    await replica().stopWork()
    await until(async () => (await holder()) !== first && (await holder()))
    await other.close()
    assert.equal(await holder(), undefined)
  })

  it('keep the payment method while a step needs it', async () => {
    fakes.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const order = await place('erasure-method-1', ada)
    await comesTo(order.id, 'pending')
    await erase(ada.id)
    assert.equal((await storedOf(order)).paymentMethod, twoMugs.paymentMethod)
    fakes.payments.answer('pay', () => ({ body: { state: 'authorised' } }))
    await replica().driver.wake(order.id)
    await comesTo(order.id, 'captured')
    assert.equal((await storedOf(order)).paymentMethod, undefined)
    // An older release kept the payment method.
    await store.collection.updateOne({ _id: order.id }, { $set: { paymentMethod: twoMugs.paymentMethod } })
    await until(async () => (await storedOf(order)).paymentMethod === undefined)
  })

  it('are placed without a query of the erasures', async () => {
    await erase(bob.id)
    const commands: string[] = []
    await until(holder) // The first replica has the lease, so the second one does not sweep. It polls for orders once, at its start.
    const two = await startReplica({
      besides: replica(),
      service: recordingCommands(commands),
      passFaultPoint: () => undefined, // With a fault point the driver reports its commands.
      times: { ...TIMES, poll: 600_000 },
      sweep: 600_000
    })
    await until(() => commands.filter(each => each === 'find orders').length === 2) // The two queries find due orders and stranded orders.
    commands.length = 0
    const sending = request(two.url)
      .post('/orders')
      .set({ 'Idempotency-Key': 'erasure-cost-1', Authorization: ada.header })
    const { body } = await sending.send(twoMugs).expect(201)
    await comesTo(body.id, 'captured')
    assert.deepEqual(
      commands.filter(each => !each.startsWith('update')),
      ['find orders', 'insert orders']
    )
    await two.close()
  })
})

/** Returns the service with a listener. It adds the name and the collection of each command on orders and erasures to `commands`. */
const recordingCommands = (commands: string[]): typeof service => ({
  ...service,
  start(parts, settings) {
    parts.db.client.on('commandStarted', ({ commandName, command }) => {
      const target = command[commandName]
      if (target === 'orders' || target === 'erasures') commands.push(`${commandName} ${target}`)
    })
    return service.start(parts, settings)
  }
})
