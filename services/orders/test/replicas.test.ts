import assert from 'node:assert/strict'
import { appDeps } from '@bulkhead/testing/app-deps'
import { httpServer } from '@bulkhead/testing/http-server'
import { mongoStore } from '@bulkhead/testing/mongo-database'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { ends } from '../src/machine.ts'
import type { Order, PlacedOrder } from '../src/schemas.ts'
import { keyNamed, type Neighbours, neighbours, replica, type Store, TIMES, twoMugs } from './helper.ts'

describe('two replicas of orders', () => {
  let around: Neighbours
  let store: Store
  let replicas: Awaited<ReturnType<typeof replica>>[]

  beforeEach(async () => {
    around = await neighbours()
    store = await mongoStore('orders', appDeps('orders'))
    replicas = [await replica(store, around), await replica(store, around)]
  })
  afterEach(async () => {
    await Promise.all(replicas.map(({ stop }) => stop()))
    await Promise.all([around.stop(), store.close()])
  })

  const place = async (place: number, key: string) => {
    const sending = request(replicas[place]!.app).post('/orders').set('Idempotency-Key', keyNamed(key))
    return (await sending.send(twoMugs).expect(201)).body as PlacedOrder
  }
  const stateOf = async (id: string) => (await replicas[0]!.orders.byId(id))!.state
  const comesTo = (id: string, state: string) => until(async () => (await stateOf(id)) === state)

  it('bring every order to its end though a third of all answers are lost', async () => {
    // What was asked is done; whoever asked doesn't get to know.
    let turn = 0
    const lossy = (body: object) => () => (++turn % 3 === 0 ? { status: 503, body: {} } : { body })
    around.inventory.answer('reserve', lossy({ state: 'held' }))
    around.inventory.answer('commit', lossy({ state: 'committed' }))
    around.payments.answer('pay', lossy({ state: 'authorised' }))
    around.payments.answer('capture', lossy({ state: 'captured' }))
    const orders = await Promise.all(
      Array.from({ length: 30 }, (_, number) => place(number % 2, `lossy-${1000 + number}`))
    )
    for (const { id } of orders) await comesTo(id, 'captured')
    await until(async () => (await replicas[0]!.orders.collection.countDocuments({ nextAt: { $exists: true } })) === 0)
    const captures = around.payments.asked.filter(({ operation }) => operation === 'capture')
    assert.equal(new Set(captures.map(({ params }) => params.orderId)).size, orders.length)
  })

  it('take over from each other what one died with', async () => {
    around.payments.hang('capture') // as if the one that has it were dead: it gets on no more
    const { id } = await place(0, 'taken-over-1')
    await comesTo(id, 'capturing')
    const dead = replicas[0]!
    replicas[0] = await replica(store, around)
    around.payments.answer('capture', () => ({ body: { state: 'captured' } }))
    await comesTo(id, 'captured')
    await dead.stop()
  })

  it('take over what one died with whose clock was 10 minutes ahead', async () => {
    around.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { id } = await place(0, 'ahead-1')
    await comesTo(id, 'pending')
    await Promise.all(replicas.map(({ stop }) => stop()))
    const ahead = new Date(Date.now() + 600_000)
    await replicas[0]!.orders.collection.updateOne({ _id: id }, { $set: { nextAt: ahead } })
    around.payments.answer('pay', () => ({ body: { state: 'authorised' } }))
    replicas.push(await replica(store, around))
    await comesTo(id, 'captured')
  })

  it('give back what they did not finish when they stop', async () => {
    around.payments.respond('pay', (_request, response) => {
      setTimeout(() => response.end('{"state":"authorised"}'), 200)
    })
    const patient = { ...TIMES, hold: 60_000 } // nobody would find it in time
    replicas.push(await replica(store, around, patient))
    const { id } = await place(2, 'given-back-1')
    await until(() => around.payments.asked.length > 0)
    await replicas[2]!.stop()
    assert.equal(await stateOf(id), 'capturing')
    await comesTo(id, 'captured')
  })

  it('show the state of an order live, whoever changed it', async () => {
    around.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { id, secret } = await place(0, 'watched-1')
    const headers = { 'Order-Secret': secret! }
    await comesTo(id, 'pending')
    const servers = await Promise.all(replicas.map(({ app }) => httpServer(app)))
    const watching = servers.map(({ url }) =>
      fetch(`${url}/orders/${id}/events`, { headers }).then(answer => answer.text())
    )
    await until(() => replicas.every(({ live }) => live.watched() === 1))
    await request(replicas[1]!.app).post(`/orders/${id}/cancel`).set(headers).expect(200)
    for (const text of await Promise.all(watching)) {
      const seen = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as Order)
      assert.deepEqual([seen[0]!.state, seen.at(-1)!.state], ['pending', 'cancelled'])
      assert.ok(ends.includes(seen.at(-1)!.state))
      const versions = seen.map(({ version }) => version)
      assert.deepEqual(versions, [...new Set(versions)].sort())
    }
    await Promise.all(servers.map(({ stop }) => stop()))
  })

  it('end their streams when they stop, so that watchers come back elsewhere', async () => {
    around.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { id, secret } = await place(0, 'watched-2')
    const server = await httpServer(replicas[0]!.app)
    const text = fetch(`${server.url}/orders/${id}/events`, { headers: { 'Order-Secret': secret! } }).then(answer =>
      answer.text()
    )
    await until(() => replicas[0]!.live.watched() === 1)
    await replicas[0]!.stop()
    assert.match(await text, /"state":"(placed|pending)"/)
    await server.stop()
  })
})
