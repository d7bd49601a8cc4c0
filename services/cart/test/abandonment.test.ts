import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import { startForTest } from '@bulkhead/testing/start-for-test'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { cart } from '../src/service.ts'

/** Counts carts that were unchanged for no time at all, often. */
const AT_ONCE = { age: 0, look: 10 }
/** Never counts. */
const NEVER = { age: 3_600_000, look: 10 }

const start = (abandonment: typeof AT_ONCE, storeUrl?: string) =>
  startForTest(cart, { settings: { abandonment }, storeUrl })

type Replica = Awaited<ReturnType<typeof start>>

describe('abandoned carts', function () {
  // The figure is lost if the store's reply to a look is, which happens on a very busy machine.
  this.retries(2)
  let first: Replica
  let replicas: Replica[]
  beforeEach(async () => {
    first = await start(NEVER)
    replicas = [first]
  })
  afterEach(async () => {
    for (const replica of replicas.toReversed()) await replica.close()
  })

  function send(method: 'post' | 'delete', path: string, header?: string) {
    const test = request(first.url)[method](path)
    return header ? test.set('Authorization', header) : test
  }
  const addLine = (id: string) => send('post', `/carts/${id}/lines`).send({ productId: newId('prd'), sku: 'MUG' })

  async function guestCart() {
    return (await send('post', '/carts').expect(201)).body.id as string
  }

  async function counted() {
    const metrics = await Promise.all(
      replicas.map(({ registry }) => registry.getSingleMetric('bulkhead_carts_abandoned_total')!.get())
    )
    return metrics.reduce((sum, { values }) => sum + values[0]!.value, 0)
  }

  /** Lets two replicas count, until no cart is left to be counted. */
  async function count() {
    for (let number = 0; number < 2; number++) replicas.push(await start(AT_ONCE, first.storeUrl))
    await until(async () => (await first.redis.zcard('{cart}:active')) === 0)
  }

  it('are counted once over all replicas, and never again after a further change', async () => {
    let id = ''
    for (let number = 0; number < 150; number++) {
      id = await guestCart()
      await addLine(id).expect(200)
    }
    await count()
    await until(async () => (await counted()) >= 150)
    await addLine(id).expect(200)
    assert.equal(await first.redis.zcard('{cart}:active'), 0)
    assert.equal(await counted(), 150)
  })

  it('are not those that are younger, empty or deleted', async () => {
    const young = await guestCart()
    await addLine(young).expect(200)
    assert.equal(await counted(), 0)
    const deleted = await guestCart()
    await addLine(deleted).expect(200)
    await send('delete', `/carts/${deleted}`).set('If-Match', '"2"').expect(204)
    await guestCart()
    await count()
    await until(async () => (await counted()) > 0)
    assert.equal(await counted(), 1)
  })

  it("are not guests' carts that became part of a customer's cart", async () => {
    const guest = await guestCart()
    await addLine(guest).expect(200)
    const { header } = customer()
    const { id } = (await send('post', '/carts', header).expect(201)).body
    await send('post', `/carts/${id}/merge`, header).send({ from: guest }).expect(200)
    await count()
    await until(async () => (await counted()) > 0)
    assert.equal(await counted(), 1)
  })
})
