import type { Clock } from '@bulkhead/chassis/clock'
import { newId } from '@bulkhead/chassis/ids'
import { appDeps } from '@bulkhead/testing/app-deps'
import * as callers from '@bulkhead/testing/callers'
import { fakeService } from '@bulkhead/testing/fake-service'
import { mongoStore } from '@bulkhead/testing/mongo-database'
import { silentLog } from '@bulkhead/testing/silent'
import { Registry } from 'prom-client'
import request from 'supertest'
import { paymentsApp } from '../src/app.ts'
import { ordersNeeds } from '../src/needs.ts'
import { connectOrders } from '../src/orders.ts'
import type { Provider } from '../src/provider.ts'
import { connectSandbox, sandboxProvider } from '../src/providers/sandbox.ts'
import { lookAtChanges, lookAtDue, type Outcome } from '../src/reconciling.ts'
import { paymentStore, type Store } from '../src/store.ts'
import { fakeSandbox, SECRET, signed } from './fake-sandbox.ts'

const ORDERS = callers.service('orders', 'payments')
const STAFF = callers.staff().header
const token = async () => 'token'

/** What stands between the app and its store and provider, to have it killed there. */
export type Around = { store?: (store: Store) => Store; provider?: (provider: Provider) => Provider }

/** The service on a store of its own, beside a provider and orders that cost 1000 EUR cents each unless told otherwise. */
export async function startService() {
  const deps = appDeps('payments')
  const database = await mongoStore('payments', deps)
  const { db, outbox } = database
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
      clock
    }
    const app = paymentsApp({ ...deps, ...ground, registry, clock })
    const put = (path: string, body: object = {}, authorization = ORDERS) =>
      request(app).put(path).set('Authorization', authorization).send(body)
    const outcomes: Outcome[] = []
    const reconciling = { ...ground, logger: silentLog, count: (outcome: Outcome) => outcomes.push(outcome) }
    return {
      registry,
      outcomes,
      authorise: (order: string, method = 'pm_approve') => put(`/payments/${order}`, { method }),
      capture: (order: string, amount?: number) => put(`/payments/${order}/capture`, { amount }),
      void: (order: string) => put(`/payments/${order}/void`),
      refund: (order: string, id: string, amount: number) => put(`/payments/${order}/refunds/${id}`, { amount }),
      put,
      get: (path: string, authorization = STAFF) => request(app).get(path).set('Authorization', authorization),
      webhook: (reference: string, type: string, how?: { at?: number; secret?: string }) => {
        const { body, signature } = signed(reference, type, how)
        return post(app, body, signature)
      },
      post: (body: string, signature: string) => post(app, body, signature),
      /** What the leased sweep does, as long after as it takes. */
      async reconcile(since = '2000-01-01T00:00:00.000Z') {
        await lookAtDue(reconciling)
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
    charge: (order: string, amount: number) => charges.set(order, amount),
    eventsOf: (order: string) => database.eventsOf('payments', paymentOf(order)),
    async close() {
      await Promise.all(closing.map(close => close()))
      await Promise.all([sandbox.stop(), orders.stop()])
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

/** The whole journal. */
export async function journalOf({ get }: Pick<Service, 'get'>, order?: string) {
  const { body } = await get('/journal?limit=100').expect(200)
  type Entry = { id: string; paymentId: string; kind: string; legs: { account: string; amount: number }[] }
  return (body.items as Entry[]).filter(({ paymentId }) => !order || paymentId === paymentOf(order))
}
