import assert from 'node:assert/strict'
import { type Clock, type Context, newId } from '@bulkhead/chassis/core'
import { allItems } from '@bulkhead/testing/all-items'
import { appDeps } from '@bulkhead/testing/app-deps'
import * as callers from '@bulkhead/testing/callers'
import { fakeService } from '@bulkhead/testing/fake-service'
import { mongoStore } from '@bulkhead/testing/mongo-database'
import { silentLog } from '@bulkhead/testing/silent'
import { MongoClient } from 'mongodb'
import { Registry } from 'prom-client'
import request from 'supertest'
import { paymentsApp } from '../src/app.ts'
import { authorise } from '../src/authorising.ts'
import { capture } from '../src/capturing.ts'
import { ordersNeeds } from '../src/needs.ts'
import { connectOrders } from '../src/orders.ts'
import type { Provider } from '../src/provider.ts'
import { connectSandbox, sandboxProvider } from '../src/providers/sandbox.ts'
import { receive } from '../src/receiving.ts'
import { lookAtChanges, lookAtDue, type Outcome } from '../src/reconciling.ts'
import { refund } from '../src/refunding.ts'
import { paymentStore, type Store } from '../src/store.ts'
import { voidPayment } from '../src/voiding.ts'
import { fakeSandbox, SECRET, signed } from './fake-sandbox.ts'

const ORDERS = callers.service('orders', 'payments')
const STAFF = callers.staff().header
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const WRITES = new Set(['insert', 'update', 'delete', 'findAndModify'])
const token = async () => 'token'

/** What stands between the app and its store and provider, to have it killed there. */
export type Around = { store?: (store: Store) => Store; provider?: (provider: Provider) => Provider }

/** The service on a store of its own, beside a provider and orders that cost 1000 EUR cents each unless told otherwise. */
export async function startService() {
  const deps = appDeps('payments')
  const database = await mongoStore('payments', deps)
  const { outbox } = database
  const mongo = await MongoClient.connect(database.url, { monitorCommands: true })
  const db = mongo.db()
  const writes: string[] = []
  const asked = new Map<number, string>()
  mongo.on('commandStarted', ({ requestId, commandName, command }) => {
    if (WRITES.has(commandName)) asked.set(requestId, `${commandName} ${command[commandName]}`)
  })
  mongo.on('commandSucceeded', ({ requestId, reply }) => {
    const write = asked.get(requestId)
    if (write && !(reply as { writeErrors?: unknown }).writeErrors) writes.push(write)
  })
  const clock: Clock & { ahead: number } = { ahead: 0, now: () => new Date(Date.now() + clock.ahead) }
  const store = await paymentStore(db, outbox, clock)
  const sandbox = await fakeSandbox()
  const orders = await fakeService(ordersNeeds)
  const charges = new Map<string, number>()
  orders.answer('getCharge', ({ params }) => ({
    body: { amount: { amount: charges.get(params.id!) ?? 1_000, currency: 'EUR' } }
  }))
  const closing: (() => Promise<unknown>)[] = []

  /** Another replica, with clients of its own. */
  function replica(around: Around = {}) {
    const registry = new Registry()
    const client = connectSandbox({ url: sandbox.url, token, registry })
    const asking = connectOrders({ url: orders.url, token, registry })
    closing.push(client.close, asking.close)
    const provider = sandboxProvider(client, SECRET)
    const ground = {
      store: around.store?.(store) ?? store,
      provider: around.provider?.(provider) ?? provider,
      orders: asking,
      clock,
      logger: silentLog
    }
    const app = paymentsApp({ ...deps, ...ground, registry, clock })
    const put = (path: string, body: object = {}, authorization = ORDERS) =>
      request(app).put(path).set('Authorization', authorization).send(body)
    const outcomes: Outcome[] = []
    const context = (): Context => ({
      ...{ requestId: 'test', traceparent: TRACE, deadline: clock.now().getTime() + 10_000 },
      ...{ log: silentLog, caller: { kind: 'service' as const, name: 'orders' } }
    })
    const reconciling = { ...ground, count: (outcome: Outcome) => outcomes.push(outcome) }
    return {
      registry,
      ground,
      outcomes,
      authorise: (order: string, method = 'pm_approve') => put(`/payments/${order}`, { method }),
      capture: (order: string, amount?: number) => put(`/payments/${order}/capture`, { amount }),
      void: (order: string) => put(`/payments/${order}/void`),
      refund: (order: string, id: string, amount: number) => put(`/payments/${order}/refunds/${id}`, { amount }),
      /** The same without HTTP, for what never ends. */
      direct: {
        authorise: (order: string, method = 'pm_approve') => authorise(order, method, ground, context()),
        capture: (order: string, amount?: number) => capture(order, amount, ground, context()),
        void: (order: string) => voidPayment(order, ground, context()),
        refund: (order: string, id: string, amount: number) => refund(order, { id, amount }, ground, context()),
        webhook: (reference: string, type: string) => {
          const { body, signature } = signed(reference, type)
          return receive('sandbox', Buffer.from(body), signature, ground, context())
        },
        reconcile: () => lookAtDue(reconciling, new AbortController().signal)
      },
      put,
      get: (path: string, authorization = STAFF) => request(app).get(path).set('Authorization', authorization),
      webhook: (reference: string, type: string, how?: { at?: number; secret?: string }) => {
        const { body, signature } = signed(reference, type, how)
        return post(app, body, signature)
      },
      post: (body: string, signature: string) => post(app, body, signature),
      /** What the leased sweep does, as long after as it takes. */
      async reconcile(since = '2000-01-01T00:00:00.000Z') {
        await lookAtDue(reconciling, new AbortController().signal)
        return lookAtChanges(since, reconciling, new AbortController().signal)
      }
    }
  }

  return {
    ...replica(),
    replica,
    sandbox,
    orders,
    clock,
    db,
    /** The commands that wrote to the store. */
    writes,
    charge: (order: string, amount: number) => charges.set(order, amount),
    eventsOf: (order: string) => database.eventsOf('payments', paymentOf(order)),
    async close() {
      await Promise.all(closing.map(close => close()))
      await Promise.all([sandbox.stop(), orders.stop()])
      await mongo.close()
      await database.close()
    }
  }
}

export type Service = Awaited<ReturnType<typeof startService>>

export const newOrder = () => newId('ord')
export const newRefund = () => newId('rfd')
export const paymentOf = (order: string) => order.replace('ord_', 'pay_')

const post = (app: Parameters<typeof request>[0], body: string, signature: string) =>
  request(app).post('/webhooks/sandbox').type('json').set('Stripe-Signature', signature).send(body)

type Entry = { id: string; paymentId: string; kind: string; legs: { account: string; amount: number }[] }

/** The whole journal, or what of it is of one order. */
export async function journalOf({ get }: Pick<Service, 'get'>, order?: string) {
  const entries = await allItems<Entry>(cursor => get(`/journal?limit=100${cursor}`).expect(200))
  return entries.filter(({ paymentId }) => !order || paymentId === paymentOf(order))
}

/** That book, journal and provider say the same of an order, and that it was charged once at most. Returns the state. */
export async function agreed(service: Pick<Service, 'get' | 'sandbox'>, order: string): Promise<string> {
  const remote = service.sandbox.of(paymentOf(order))
  const { status, body } = await service.get(`/payments/${order}`)
  const moved = (await journalOf(service, order)).map(({ legs }) => {
    assert.equal(legs[0]!.amount + legs[1]!.amount, 0)
    return legs[0]!.amount
  })
  const held = (remote?.captured ?? 0) - (remote?.refunds ?? []).reduce((sum, { amount }) => sum + amount, 0)
  assert.equal(sumOf(moved), held)
  if (status === 404 || remote === undefined) {
    assert.equal(remote, undefined, 'the provider has what the book does not')
    assert.ok(status === 404 || ['authorising', 'voided', 'declined'].includes(body.state), body.state)
    return status === 404 ? 'none' : body.state
  }
  // What the provider had declined when the book let it go, it has no need to void.
  const same = body.state === 'voided' && remote.state === 'declined' ? 'voided' : remote.state
  assert.equal(body.state === 'refunded' ? 'captured' : body.state, same)
  assert.deepEqual([body.captured, body.captured - body.refunded], [remote.captured, held])
  assert.equal(body.state === 'refunded', remote.captured > 0 && held === 0)
  return body.state
}

const sumOf = (amounts: number[]) => amounts.reduce((sum, amount) => sum + amount, 0)
