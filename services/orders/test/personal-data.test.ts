import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import { order as orderSchema } from '../src/orders/schemas.ts'
import { type Replica, twoMugs } from './helper.ts'
import { shop } from './shop.ts'

const ada = callers.customer()
const staff = callers.staff()

describe('the personal data of an order', () => {
  const { replica, send, guest, place, comesTo } = shop()
  let fakes: Replica['fakes']
  let store: Replica['store']

  beforeEach(() => {
    ;({ fakes, store } = replica())
  })

  const path = ({ id }: { id: string }) => `/orders/${id}/personal-data`

  it('can be erased by a guest with the secret, except the country', async () => {
    const { body: placed } = await place().expect(201)
    await comesTo(placed.id, 'captured')
    const { body: left, headers } = await guest('delete', placed, '/personal-data').expect(200)
    assert.deepEqual(orderSchema.parse(left), left)
    assert.equal(left.email, undefined)
    assert.deepEqual(left.deliveryAddress, { country: 'DE' })
    assert.equal(left.state, 'captured')
    assert.deepEqual(left.total, placed.total)
    assert.deepEqual(left.lines, placed.lines)
    assert.equal(headers['cache-control'], 'no-store')
    const stored = JSON.stringify(await store.collection.findOne({ _id: placed.id }))
    for (const word of [twoMugs.email, ...Object.values(twoMugs.deliveryAddress).slice(0, 4), twoMugs.paymentMethod])
      assert.ok(!stored.includes(`"${word}"`), `${word} is still there`)
  })

  it('stays erased, while the guest can still read the order and staff can still refund it', async () => {
    const { body: placed } = await place(twoMugs, 'erased').expect(201)
    await comesTo(placed.id, 'captured')
    const { body: first } = await guest('delete', placed, '/personal-data').expect(200)
    const { body: again } = await guest('delete', placed, '/personal-data').expect(200)
    assert.deepEqual(again, first)
    const { body: replayed } = await place(twoMugs, 'erased').expect(201)
    assert.deepEqual(replayed, { ...first, secret: placed.secret })
    const refund = send('post', `/orders/${placed.id}/refunds`, staff.header).set('If-Match', `"${first.version}"`)
    await refund.send({ reason: 'returned' }).expect(200)
    await comesTo(placed.id, 'refunded')
    assert.equal((await guest('get', placed).expect(200)).body.email, undefined)
  })

  it('is not erased while the order has a next step, and the detail of the 409 explains how to continue', async () => {
    fakes.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { body: order } = await place().expect(201)
    await comesTo(order.id, 'pending')
    const { body: problem } = await guest('delete', order, '/personal-data').expect(409)
    assert.match(problem.type, /order-under-way$/)
    assert.match(problem.detail, /pending.*cancel/i)
    assert.equal((await guest('get', order).expect(200)).body.email, twoMugs.email)
    await guest('post', order, '/cancel').expect(200)
    await comesTo(order.id, 'cancelled')
    assert.equal((await guest('delete', order, '/personal-data').expect(200)).body.email, undefined)
  })

  it('is not erased while the paid stock has not left inventory', async () => {
    fakes.inventory.fail('commit', 503)
    const { body: order } = await place().expect(201)
    await comesTo(order.id, 'captured')
    await guest('delete', order, '/personal-data').expect(409)
  })

  it('can be erased only by its customer and by staff', async () => {
    const { body: hers } = await place(twoMugs, 'hers', ada.header).expect(201)
    const { body: guests } = await place().expect(201)
    for (const { id } of [hers, guests]) await comesTo(id, 'captured')
    for (const header of [undefined, callers.customer().header]) await send('delete', path(hers), header).expect(404)
    await send('delete', path(guests), ada.header).expect(404)
    await send('delete', path(hers), ada.header).expect(200)
    const { body } = await send('delete', path(guests), staff.header).expect(200)
    assert.equal(body.email, undefined)
  })
})
