import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { keyNamed, type Replica, startReplica, twoMugs } from './helper.ts'

type Method = 'get' | 'post' | 'delete'

/** Starts a replica of orders before each test of a suite, and sends requests to it. Call this function in the suite. */
export function shop() {
  let replica: Replica
  let keys = 0
  beforeEach(async () => {
    replica = await startReplica()
  })
  afterEach(() => replica.close())

  const send = (method: Method, path: string, header?: string) => {
    const sending = request(replica.url)[method](path)
    return header ? sending.set('Authorization', header) : sending
  }
  return {
    replica: () => replica,
    send,
    /** Sends a request about an order as its guest, with the secret. `below` is appended to the path of the order. */
    guest: (method: Method, { id, secret }: { id: string; secret: string }, below = '') =>
      send(method, `/orders/${id}${below}`).set('Order-Secret', secret),
    place: (body: object = twoMugs, key = `order-${++keys}`, header?: string) =>
      send('post', '/orders', header).set('Idempotency-Key', keyNamed(key)).send(body),
    async comesTo(id: string, state: string) {
      const is = async () => (await replica.store.byId(id))!.state
      await until(async () => (await is()) === state).catch(async () =>
        assert.fail(`It is ${await is()}, not ${state}`)
      )
    },
    /** Returns the operations that a fake was asked for, in order. */
    asked: (service: 'inventory' | 'payments') => replica.fakes[service].asked.map(({ operation }) => operation)
  }
}
