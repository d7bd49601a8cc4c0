import assert from 'node:assert/strict'
import { newId, newSecretId } from '@bulkhead/chassis/core'
import * as callers from '@bulkhead/testing/callers'
import { pino } from 'pino'
import { orderSteps } from '../src/lifecycle/steps.ts'
import { twoMugs } from './helper.ts'
import { shop } from './shop.ts'

const ada = callers.customer()
const bob = callers.customer()
const { header: staff } = callers.staff()

describe('the stock of an order', () => {
  const { replica, send, place, comesTo } = shop()
  let keys = 0

  /** Places an order. Returns it with the keys that inventory got. */
  async function placeFrom(network: string, { cart, header }: { cart?: string; header?: string } = {}) {
    const body = cart ? { ...twoMugs, cart } : twoMugs
    const { body: order } = await place(body, `held-${++keys}`, header).set('X-Forwarded-For', network).expect(201)
    await comesTo(order.id, 'captured')
    const asked = replica().fakes.inventory.asked.find(({ params }) => params.orderId === order.id)
    return { order, ...(asked!.body as { buyer?: string; network?: string }) }
  }

  it('is held for the account, or else for the cart, with keys that do not reveal them', async () => {
    const cart = newSecretId('crt')
    const hers = await placeFrom('192.0.2.1', { header: ada.header, cart })
    const again = await placeFrom('192.0.2.2', { header: ada.header })
    const his = await placeFrom('192.0.2.1', { header: bob.header })
    const guests = await placeFrom('192.0.2.1', { cart })
    const nobodys = await placeFrom('192.0.2.1')
    for (const { buyer } of [hers, his, guests]) assert.match(buyer!, /^[\w-]{16}$/)
    assert.equal(again.buyer, hers.buyer)
    assert.equal(new Set([hers.buyer, his.buyer, guests.buyer]).size, 3)
    assert.equal(nobodys.buyer, undefined)
  })

  it('is held for the network, with a key that does not reveal it', async () => {
    const [one, same, other] = [
      await placeFrom('192.0.2.1'),
      await placeFrom('192.0.2.1'),
      await placeFrom('192.0.2.2')
    ]
    assert.match(one.network!, /^[\w-]{16}$/)
    assert.equal(same.network, one.network)
    assert.notEqual(other.network, one.network)
  })

  it('is held with keys that no answer contains and that are removed from a paid order', async () => {
    replica().fakes.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { body } = await place({ ...twoMugs, cart: newSecretId('crt') })
      .set('X-Forwarded-For', '192.0.2.1')
      .expect(201)
    await comesTo(body.id, 'pending')
    assert.ok((await replica().store.byId(body.id))!.holder?.network)
    const { text } = await send('get', `/orders/${body.id}`, staff)
    assert.doesNotMatch(text, /holder|"network"|crt_/)
    replica().fakes.payments.answer('pay', () => ({ body: { state: 'authorised' } }))
    await replica().driver.wake(body.id)
    await comesTo(body.id, 'captured')
    assert.equal((await replica().store.byId(body.id))!.holder, undefined)
  })

  it('is refused if the network holds too much unpaid, and the reason shows the buyer how to continue', async () => {
    replica().fakes.inventory.answer('reserve', () => ({ body: { state: 'rejected', limited: ['MUG'] } }))
    const { body } = await place().expect(201)
    await comesTo(body.id, 'rejected')
    const { body: rejected } = await send('get', `/orders/${body.id}`, staff)
    assert.equal(
      rejected.reason,
      'too much of MUG is unpaid from your network: order fewer, pay or cancel an unpaid order, or try again in 1 min'
    )
    assert.deepEqual(
      replica().fakes.payments.asked.map(({ operation }) => operation),
      ['void']
    )
  })

  it('is reserved for a newer order of the buyer, which cancels the older order and voids its payment', async () => {
    replica().fakes.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { body } = await place().expect(201)
    await comesTo(body.id, 'pending')
    replica().fakes.inventory.answer('reserve', () => ({ body: { state: 'released', replaced: ['MUG'] } }))
    replica().fakes.payments.answer('pay', () => ({ body: { state: 'authorised' } }))
    await replica().driver.wake(body.id)
    await comesTo(body.id, 'cancelled')
    const { body: cancelled } = await send('get', `/orders/${body.id}`, staff)
    assert.equal(cancelled.reason, 'a newer order of yours for MUG took its place')
    assert.deepEqual(await replica().eventsOf(body.id), [
      { type: 'orders.order.cancelled', version: cancelled.version }
    ])
    assert.equal(replica().fakes.payments.asked.at(-1)!.operation, 'void')
  })

  it('is reported in the log if it could not leave when the order was paid', async () => {
    const lines: string[] = []
    const log = pino({ level: 'warn' }, { write: line => void lines.push(line) })
    const away = async () => Promise.reject(new Error('inventory is away'))
    const steps = orderSteps({ commit: away } as never, { capture: async () => ({ state: 'captured' }) } as never, log)
    const id = newId('ord')
    const outcome = await steps.capture({ id } as never, {} as never)
    assert.deepEqual(outcome, { type: 'captured', settled: false })
    const [line] = lines.map(text => JSON.parse(text))
    assert.equal(line.order, id)
    assert.equal(line.err.message, 'inventory is away')
  })
})
