import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { keyNamed, type Neighbours, type Running, running, twoMugs } from './helper.ts'

type Method = 'get' | 'post' | 'delete'

/** A replica of orders with neighbours and a store of its own, new for each test, and what is asked of it: to be called in a suite. */
export function shop() {
  let now: Running
  let keys = 0
  beforeEach(async () => {
    now = await running()
  })
  afterEach(() => now.end())

  const send = (method: Method, path: string, header?: string) => {
    const sending = request(now.one.app)[method](path)
    return header ? sending.set('Authorization', header) : sending
  }
  return {
    now: () => now,
    send,
    /** Sends a request about an order as the guest who placed it: below the order's path, with its secret. */
    guest: (method: Method, { id, secret }: { id: string; secret: string }, below = '') =>
      send(method, `/orders/${id}${below}`).set('Order-Secret', secret),
    place: (body: object = twoMugs, key = `order-${++keys}`, header?: string) =>
      send('post', '/orders', header).set('Idempotency-Key', keyNamed(key)).send(body),
    async comesTo(id: string, state: string) {
      const is = async () => (await now.one.orders.byId(id))!.state
      await until(async () => (await is()) === state).catch(async () =>
        assert.fail(`It is ${await is()}, not ${state}`)
      )
    },
    /** What a neighbour was asked for, in order. */
    asked: (service: keyof Pick<Neighbours, 'inventory' | 'payments'>) =>
      now.around[service].asked.map(({ operation }) => operation)
  }
}
