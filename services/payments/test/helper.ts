import assert from 'node:assert/strict'
import { type Clock, type Context, newId, systemClock } from '@bulkhead/chassis/core'
import { allItems } from '@bulkhead/testing/all-items'
import * as callers from '@bulkhead/testing/callers'
import { aggregateEvents, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { silentLog } from '@bulkhead/testing/silent'
import { startForTest } from '@bulkhead/testing/start-for-test'
import type { Db } from 'mongodb'
import request from 'supertest'
import { authorise } from '../src/payments/authorisation.ts'
import { capture } from '../src/payments/capture.ts'
import type { Dependencies } from '../src/payments/settlement.ts'
import { voidForGood } from '../src/payments/void.ts'
import { type Outcome, reconcileChanges, reconcileDue } from '../src/reconciliation/sweeps.ts'
import type { ReconciliationTimes } from '../src/reconciliation/worker.ts'
import { refund } from '../src/refunds/refund.ts'
import { payments } from '../src/service.ts'
import { takeWebhook } from '../src/webhooks/receipt.ts'
import { fakeSandbox, SECRET, signed } from './fake-sandbox.ts'

const ORDERS = callers.service('orders', 'payments')
const STAFF = callers.staff().header
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const WRITES = new Set(['insert', 'update', 'delete', 'findAndModify'])
const HOUR_MS = 3_600_000
/** The tests hold the leases, so replicas reconcile nothing on their own. */
const IDLE: ReconciliationTimes = { due: HOUR_MS, changes: HOUR_MS, lease: HOUR_MS }

/** Starts the service on its own store, with a fake provider. Each order costs 1000 EUR cents, unless a test calls `charge`. */
export async function startService() {
  const clock: Clock & { ahead: number } = {
    ahead: 0,
    now: () => new Date(systemClock.now().getTime() + clock.ahead)
  }
  const config = { SANDBOX_WEBHOOK_SECRET: SECRET }
  const database = await mongoDatabase()
  const storeUrl = database.url
  const leases = database.db.collection<{ _id: string; holder: string; until: Date }>('leases')
  const taken = { holder: 'the tests', until: new Date('2100-01-01T00:00:00Z') }
  await leases.insertMany(['due', 'changes'].map(_id => ({ _id, ...taken })))
  // With a fault point the driver reports the commands that `writesOf` collects.
  const first = await startForTest(payments, {
    config,
    clock,
    passFaultPoint: () => undefined,
    settings: { times: IDLE },
    storeUrl
  })
  const { db, dependencies, fakes } = first
  const sandbox = fakeSandbox(fakes.sandbox)
  const charges = new Map<string, number>()
  fakes.orders.answer('getCharge', ({ params }) => ({
    body: { amount: { amount: charges.get(params.id!) ?? 1_000, currency: 'EUR' } }
  }))
  const replicas: (() => Promise<unknown>)[] = []

  return {
    ...requestsTo(first.url),
    ...reconcilingOf(dependencies),
    db,
    dependencies,
    registry: first.registry,
    clock,
    sandbox,
    orders: fakes.orders,
    direct: directly(dependencies),
    /** The commands that wrote to the store. */
    writes: writesOf(db),
    /** Lets replicas reconcile. */
    freeLeases: () => leases.deleteMany(taken),
    charge: (order: string, amount: number) => charges.set(order, amount),
    eventsOf: (order: string) => aggregateEvents(db, 'payments', paymentOf(order)),

    /** Starts another replica, with its own clients. */
    async replica(times = IDLE) {
      const another = await startForTest(payments, { config, clock, settings: { times }, storeUrl, fakes })
      let closing: Promise<void> | undefined
      const stop = () => (closing ??= another.close())
      replicas.push(stop)
      return {
        ...requestsTo(another.url),
        ...reconcilingOf(another.dependencies),
        registry: another.registry,
        dependencies: another.dependencies,
        stop
      }
    },
    async close() {
      await Promise.all(replicas.map(stop => stop()))
      await first.close()
      await database.close()
    }
  }
}

export type Service = Awaited<ReturnType<typeof startService>>

/** Returns functions that send requests to a replica. */
function requestsTo(url: string) {
  const put = (path: string, body: object = {}, authorization = ORDERS) =>
    request(url).put(path).set('Authorization', authorization).send(body)
  const post = (body: string, signature: string) =>
    request(url).post('/webhooks/sandbox').type('json').set('Stripe-Signature', signature).send(body)
  const authorise = (order: string, method = 'pm_approve') => put(`/payments/${order}`, { method })
  const capture = (order: string, amount?: number) => put(`/payments/${order}/capture`, { amount })
  return {
    put,
    post,
    get: (path: string, authorization = STAFF) => request(url).get(path).set('Authorization', authorization),
    authorise,
    capture,
    /** Authorises and captures a new order, by default its whole amount. Returns its ID. */
    async captured(amount?: number) {
      const order = newOrder()
      await authorise(order).expect(200)
      await capture(order, amount).expect(200)
      return order
    },
    void: (order: string) => put(`/payments/${order}/void`),
    refund: (order: string, id: string, amount: number) => put(`/payments/${order}/refunds/${id}`, { amount }),
    webhook(reference: string, type: string) {
      const { body, signature } = signed(reference, type)
      return post(body, signature)
    }
  }
}

/** Returns a function that runs both sweeps of reconciliation, and the outcomes that they counted. */
function reconcilingOf(dependencies: Dependencies) {
  const outcomes: Outcome[] = []
  const sweep = { ...dependencies, count: (outcome: Outcome) => outcomes.push(outcome) }
  return {
    outcomes,
    async reconcile(since = '2000-01-01T00:00:00.000Z') {
      await reconcileDue(sweep, new AbortController().signal)
      return reconcileChanges(since, sweep, new AbortController().signal)
    }
  }
}

/** Returns the operations without HTTP, so that a test can leave one unfinished. */
export function directly(dependencies: Dependencies) {
  const context = (): Context => ({
    requestId: 'test',
    traceparent: TRACE,
    deadline: dependencies.clock.now().getTime() + 10_000,
    log: silentLog,
    caller: { kind: 'service', name: 'orders' }
  })
  return {
    authorise: (order: string, method = 'pm_approve') => authorise(order, method, dependencies, context()),
    capture: (order: string, amount?: number) => capture(order, amount, dependencies, context()),
    void: (order: string) => voidForGood(order, dependencies, context()),
    refund: (order: string, id: string, amount: number) => refund(order, { id, amount }, dependencies, context()),
    webhook(reference: string, type: string) {
      const { body, signature } = signed(reference, type)
      const webhook = { provider: 'sandbox', body: Buffer.from(body), signature }
      return takeWebhook(webhook, dependencies, context())
    },
    reconcile: () => reconcileDue({ ...dependencies, count: () => undefined }, new AbortController().signal)
  }
}

export type Direct = ReturnType<typeof directly>

/** Collects all further writes to a store, such as `insert payments`, except writes of leases. */
function writesOf({ client }: Db) {
  const writes: string[] = []
  const asked = new Map<number, string>()
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    const collection = command[commandName]
    if (WRITES.has(commandName) && collection !== 'leases') asked.set(requestId, `${commandName} ${collection}`)
  })
  client.on('commandSucceeded', ({ requestId, reply }) => {
    const write = asked.get(requestId)
    if (write && !(reply as { writeErrors?: unknown }).writeErrors) writes.push(write)
  })
  return writes
}

export const newOrder = () => newId('ord')
export const newRefund = () => newId('rfd')
export const paymentOf = (order: string) => order.replace('ord_', 'pay_')

type Entry = { id: string; paymentId: string; kind: string; legs: { account: string; amount: number }[] }

/** Returns the whole journal, or the entries of one order. */
export async function journalOf({ get }: Pick<Service, 'get'>, order?: string) {
  const entries = await allItems<Entry>(cursor => get(`/journal?limit=100${cursor}`).expect(200))
  return entries.filter(({ paymentId }) => !order || paymentId === paymentOf(order))
}

/** Asserts that record, journal and provider agree about an order, and that the order was charged at most once. Returns the state. */
export async function agreed(service: Pick<Service, 'get' | 'sandbox'>, order: string): Promise<string> {
  const remote = service.sandbox.paymentOf(paymentOf(order))
  const { status, body } = await service.get(`/payments/${order}`)
  const moved = (await journalOf(service, order)).map(({ legs }) => {
    assert.equal(legs[0]!.amount + legs[1]!.amount, 0)
    return legs[0]!.amount
  })
  const held = (remote?.captured ?? 0) - (remote?.refunds ?? []).reduce((sum, { amount }) => sum + amount, 0)
  assert.equal(sumOf(moved), held)
  if (status === 404 || remote === undefined) {
    assert.equal(remote, undefined, 'the provider has a payment without a record')
    assert.ok(status === 404 || ['authorising', 'voided', 'declined'].includes(body.state), body.state)
    return status === 404 ? 'none' : body.state
  }
  // The provider does not void a payment that it has declined.
  const same = body.state === 'voided' && remote.state === 'declined' ? 'voided' : remote.state
  assert.equal(body.state === 'refunded' ? 'captured' : body.state, same)
  const { captured, refunded } = body
  assert.deepEqual({ captured, held: captured - refunded }, { captured: remote.captured, held })
  assert.equal(body.state === 'refunded', remote.captured > 0 && held === 0)
  return body.state
}

const sumOf = (amounts: number[]) => amounts.reduce((sum, amount) => sum + amount, 0)
