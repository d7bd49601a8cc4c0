import { backoff, type Clock, repeat, requestIdOf, sparing } from '@bulkhead/chassis/core'
import type { Aggregates, Versioned } from '@bulkhead/chassis/mongo'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { stateAfter, stepOf } from './machine.ts'
import { driverMetrics } from './metrics.ts'
import type { Steps } from './steps.ts'
import { strandedOrders } from './stranded-orders.ts'
import { advance, type Outcome, type StoredOrder } from './transitions.ts'

type Orders = Aggregates<StoredOrder>

type Options = {
  orders: Orders
  steps: Steps
  clock: Clock
  logger: Logger
  registry: Registry
  /** Told of each order that moved here. */
  moved: (order: Versioned<StoredOrder>) => void
  times?: DriverTimes | undefined
}

export type DriverTimes = {
  /** Milliseconds between two looks for orders that wait. */
  poll: number
  /** Milliseconds that an order is left to who has it. More than a step takes. */
  hold: number
  /** Milliseconds in which a step must be done. */
  step: number
  /** Milliseconds to the next attempt: the first, and the most. */
  pause: [first: number, most: number]
}

const TIMES: DriverTimes = { poll: 500, hold: 10_000, step: 8_000, pause: [250, 30_000] }
/** Orders that are worked on at once, and that wait for it in memory. What comes on top waits in the store. */
const CONCURRENCY = 32
const QUEUE_LIMIT = 1_000

export type Driver = ReturnType<typeof orderDriver>

/**
 * Brings orders step by step to their ends. An order with something to do has a time `nextAt`: whoever moves that into the future has the
 * order until then. A replica goes on with what it took in; what a replica leaves, dies with or postpones is found by all of them.
 * Every step may be done twice, at the same time even.
 */
export function orderDriver({ orders, steps, clock, logger, registry, moved, times = TIMES }: Options) {
  const stopping = new AbortController()
  const waiting: Versioned<StoredOrder>[] = []
  const running = new Map<string, Promise<void>>()
  /** Orders that something became known of while they ran. */
  const again = new Set<string>()
  const metrics = driverMetrics({ orders, clock, logger, registry, waiting: () => waiting.length })
  let looking = Promise.resolve()
  const pace = sparing(times.poll)
  const stranded = strandedOrders(orders, clock, Math.max(times.hold, ...times.pause))
  const now = () => clock.now()
  /** Until when whoever takes an order now has it. */
  const held = () => new Date(now().getTime() + times.hold)

  /** Goes on with an order that is in our hands. */
  function drive(order: Versioned<StoredOrder>) {
    if (stopping.signal.aborted || waiting.length >= QUEUE_LIMIT) return
    if (running.has(order.id)) return void again.add(order.id)
    waiting.push(order)
    fill()
  }

  function fill() {
    while (running.size < CONCURRENCY && waiting.length > 0) {
      const order = waiting.shift()!
      if (running.has(order.id)) continue
      const work = toItsEnd(order)
        .finally(() => {
          running.delete(order.id)
          fill()
          return again.delete(order.id) ? wake(order.id) : undefined
        })
        .catch(error => logger.warn({ err: error, order: order.id }, 'An order is left for a while'))
      running.set(order.id, work)
    }
  }

  async function toItsEnd(first: Versioned<StoredOrder>) {
    let order = first
    while (!stopping.signal.aborted) {
      const outcome = await outcomeOf(order)
      if (!outcome) return postpone(order)
      const before = order
      order = await orders.change(order, undefined, found => advance(found, outcome, now(), held()), order)
      if (order.version > before.version) moved(order)
      // No step but that of its customer, or another had it meanwhile.
      if (order.state === 'pending' || order.version === before.version) return postpone(order)
      if (!stepOf(order)) return
    }
    await orders.collection.updateOne({ _id: order.id, nextAt: order.nextAt! }, { $set: { nextAt: now() } })
  }

  async function outcomeOf(order: StoredOrder): Promise<Outcome | undefined> {
    const step = stepOf(order)
    if (!step) return undefined
    if (stateAfter(order.state, 'out-of-time') && now() >= order.expiresAt) return { known: 'out-of-time' }
    const { traceparent } = order
    const deadline = now().getTime() + times.step
    try {
      const outcome = await steps[step](order, {
        requestId: requestIdOf(undefined, traceparent),
        traceparent,
        deadline
      })
      metrics.steps.inc({ step, outcome: outcome?.known ?? 'none' })
      return outcome
    } catch (error) {
      metrics.steps.inc({ step, outcome: 'failed' })
      const { id, attempts } = order
      logger.warn({ err: error, order: id, step, attempts }, 'A step of an order failed and is tried again')
      return undefined
    }
  }

  /** Leaves an order until later, unless somebody else has it by now. */
  async function postpone({ id, state, attempts, expiresAt, nextAt }: StoredOrder) {
    if (!nextAt) return
    const time = now().getTime()
    const later = time + backoff(attempts + 1, ...times.pause)
    const isOpen = stateAfter(state, 'out-of-time') !== undefined
    const next = new Date(isOpen ? Math.min(later, Math.max(time, expiresAt.getTime())) : later)
    await orders.collection.updateOne({ _id: id, nextAt }, { $set: { nextAt: next, attempts: attempts + 1 } })
  }

  /** Takes orders whose time has come, or never would, as many as there is room for. */
  async function look() {
    const room = CONCURRENCY - running.size - waiting.length
    if (room <= 0) return
    const due = await pace.scanning(() =>
      orders
        .find({ nextAt: { $lte: now() } })
        .sort({ nextAt: 1 })
        .limit(room)
        .toArray()
    )
    for (const order of [...due, ...(await stranded())].slice(0, room)) await take(order)
  }

  async function take(order: Versioned<StoredOrder>) {
    const nextAt = held()
    const { matchedCount } = await orders.collection.updateOne(
      { _id: order.id, nextAt: order.nextAt! },
      { $set: { nextAt } }
    )
    if (matchedCount === 1) drive({ ...order, nextAt })
  }

  /** Looks at an order at once: something became known elsewhere. */
  async function wake(id: string) {
    if (running.has(id)) return void again.add(id)
    const order = await orders.byId(id)
    if (order?.nextAt) await take(order)
  }

  return {
    held,
    drive,
    wake,
    start() {
      const background = { logger, signal: stopping.signal }
      looking = repeat('Looking for orders', look, pace.interval, background)
    },
    /** Finishes the steps that run, and leaves the orders to the other replicas. */
    async stop() {
      stopping.abort()
      await Promise.all([looking, ...running.values()])
    }
  }
}
