import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { finalStates } from '../src/lifecycle/machine.ts'
import type { Order, PlacedOrder } from '../src/orders/schemas.ts'
import { keyNamed, type Replica, startReplica, TIMES, twoMugs } from './helper.ts'

describe('two replicas of orders', () => {
  let fakes: Replica['fakes']
  let first: Replica
  let replicas: Replica[]

  beforeEach(async () => {
    first = await startReplica()
    fakes = first.fakes
    replicas = [first, await startReplica({ besides: first })]
  })
  afterEach(async () => {
    for (const replica of replicas.toReversed()) await replica.close()
  })

  const place = async (place: number, key: string) => {
    const sending = request(replicas[place]!.url).post('/orders').set('Idempotency-Key', keyNamed(key))
    return (await sending.send(twoMugs).expect(201)).body as PlacedOrder
  }
  const stateOf = async (id: string) => (await first.store.byId(id))!.state
  const comesTo = (id: string, state: string) => until(async () => (await stateOf(id)) === state)

  it('capture every order although a third of all answers are lost', async () => {
    // The fakes perform each request, but lose some of the answers.
    let turn = 0
    const lossy = (body: object) => () => (++turn % 3 === 0 ? { status: 503, body: {} } : { body })
    fakes.inventory.answer('reserve', lossy({ state: 'held' }))
    fakes.inventory.answer('commit', lossy({ state: 'committed' }))
    fakes.payments.answer('pay', lossy({ state: 'authorised' }))
    fakes.payments.answer('capture', lossy({ state: 'captured' }))
    const orders = await Promise.all(
      Array.from({ length: 30 }, (_, number) => place(number % 2, `lossy-${1000 + number}`))
    )
    for (const { id } of orders) await comesTo(id, 'captured')
    await until(async () => (await first.store.collection.countDocuments({ nextAt: { $exists: true } })) === 0)
    const captures = fakes.payments.asked.filter(({ operation }) => operation === 'capture')
    assert.equal(new Set(captures.map(({ params }) => params.orderId)).size, orders.length)
  })

  it('count an order once, although both capture it at the same time', async () => {
    await Promise.all(replicas.map(({ stopWork }) => stopWork()))
    const times = { ...TIMES, hold: 50, step: 10_000 }
    const both = [await startReplica({ besides: first, times }), await startReplica({ besides: first, times })]
    replicas.push(...both)
    const answers: ServerResponse[] = []
    fakes.payments.respond('capture', (_, response) => void answers.push(response))
    const { id } = await place(2, 'counted-once')
    await until(() => answers.length === 2)
    for (const response of answers) response.setHeader('content-type', 'application/json').end('{"state":"captured"}')
    await comesTo(id, 'captured')
    await Promise.all(both.map(({ stopWork }) => stopWork()))
    const metrics = await Promise.all(both.map(each => each.registry.getSingleMetric('bulkhead_orders_total')!.get()))
    const counts = metrics.flatMap(({ values }) => values).filter(({ labels }) => labels.state === 'captured')
    assert.deepEqual(counts.map(({ value }) => value).sort(), [0, 1])
  })

  it('take over the order of a replica that has died', async () => {
    fakes.payments.hang('capture') // Without an answer, the replica seems to be dead.
    const { id } = await place(0, 'taken-over-1')
    await comesTo(id, 'capturing')
    replicas.push(await startReplica({ besides: first }))
    fakes.payments.answer('capture', () => ({ body: { state: 'captured' } }))
    await comesTo(id, 'captured')
  })

  it('take over the order of a replica that has died while its clock was 10 minutes ahead', async () => {
    fakes.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { id } = await place(0, 'ahead-1')
    await comesTo(id, 'pending')
    await Promise.all(replicas.map(({ stopWork }) => stopWork()))
    const ahead = new Date(Date.now() + 600_000)
    await first.store.collection.updateOne({ _id: id }, { $set: { nextAt: ahead } })
    fakes.payments.answer('pay', () => ({ body: { state: 'authorised' } }))
    replicas.push(await startReplica({ besides: first }))
    await comesTo(id, 'captured')
  })

  it('release their unfinished orders when they stop', async () => {
    fakes.payments.respond('pay', (_request, response) => {
      setTimeout(() => response.end('{"state":"authorised"}'), 200)
    })
    const patient = { ...TIMES, hold: 60_000 } // Without the release, no replica would take the order in time.
    replicas.push(await startReplica({ besides: first, times: patient }))
    const { id } = await place(2, 'given-back-1')
    await until(() => fakes.payments.asked.length > 0)
    await replicas[2]!.stopWork()
    assert.equal(await stateOf(id), 'capturing')
    await comesTo(id, 'captured')
  })

  it('stream each change of an order, whichever replica makes it', async () => {
    fakes.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { id, secret } = await place(0, 'watched-1')
    const headers = { 'Order-Secret': secret! }
    await comesTo(id, 'pending')
    const watching = replicas.map(({ url }) =>
      fetch(`${url}/orders/${id}/events`, { headers }).then(answer => answer.text())
    )
    await until(() => replicas.every(({ watchers }) => watchers.count() === 1))
    await request(replicas[1]!.url).post(`/orders/${id}/cancel`).set(headers).expect(200)
    for (const text of await Promise.all(watching)) {
      const seen = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as Order)
      assert.equal(seen[0]!.state, 'pending')
      assert.equal(seen.at(-1)!.state, 'cancelled')
      assert.ok(finalStates.includes(seen.at(-1)!.state))
      const versions = seen.map(({ version }) => version)
      assert.deepEqual(versions, [...new Set(versions)].sort())
    }
  })

  it('end their streams when they stop', async () => {
    fakes.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { id, secret } = await place(0, 'watched-2')
    const text = fetch(`${first.url}/orders/${id}/events`, { headers: { 'Order-Secret': secret! } }).then(answer =>
      answer.text()
    )
    await until(() => first.watchers.count() === 1)
    await first.stopWork()
    assert.match(await text, /"state":"(placed|pending)"/)
  })
})
