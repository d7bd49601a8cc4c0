import { adaptivePace, backoff, type Clock, inSpan, repeat, requestIdOf } from '@bulkhead/chassis/core'
import type { Versioned } from '@bulkhead/chassis/mongo'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Orders, StoredOrder } from '../orders/store.ts'
import { advance, type Outcome } from './changes.ts'
import { nextState, nextStep, type State } from './machine.ts'
import { driverMetrics } from './metrics.ts'
import type { Steps } from './steps.ts'
import { strandedOrders } from './stranded-orders.ts'

type Options = {
  orders: Orders
  steps: Steps
  clock: Clock
  log: Logger
  registry: Registry
  /** Called with each order that this replica changed. */
  notify: (order: Versioned<StoredOrder>) => void
  times?: DriverTimes | undefined
}

export type DriverTimes = {
  /** Milliseconds between two polls for orders that are due. */
  poll: number
  /** Milliseconds for which a replica holds an order. This is longer than a step takes. */
  hold: number
  /** Maximum milliseconds of a step. */
  step: number
  /** Milliseconds before the next attempt of a failed step: `first` after the first failure, then increasing up to `most`. */
  pause: [first: number, most: number]
}

const TIMES: DriverTimes = { poll: 500, hold: 10_000, step: 8_000, pause: [250, 30_000] }
/** Maximum number of orders that are processed at once. */
const CONCURRENCY = 32
/** Maximum number of orders that wait in memory for a step. All others wait in the store. */
const QUEUE_LIMIT = 1_000

export type Driver = {
  /** Returns the end of the hold for an order that is taken now. */
  holdEnd(): Date
  /** Processes an order that this replica holds. */
  drive(order: Versioned<StoredOrder>): void
  /** Takes an order immediately, because its next step may succeed now. */
  wake(id: string): Promise<void>
  start(): void
  /** Finishes the running steps and leaves the orders to other replicas. */
  stop(): Promise<void>
}

/**
 * Moves orders step by step to their final states. An order with a next step has a time `nextAt`. The replica that moves this time into the
 * future holds the order until then, and processes it. When `nextAt` has passed, any replica may take the order: the earlier replica has
 * died, has stopped, or has postponed the order. Steps are idempotent, even when two replicas run the same step at the same time.
 */
export function orderDriver({ orders, steps, clock, log, registry, notify, times = TIMES }: Options): Driver {
  const stopping = new AbortController()
  const waiting: Versioned<StoredOrder>[] = []
  const running = new Map<string, Promise<void>>()
  /** The IDs of orders that are woken again after their current step. */
  const again = new Set<string>()
  const metrics = driverMetrics({ orders, clock, log, registry, waiting: () => waiting.length })
  let polling = Promise.resolve()
  const pace = adaptivePace(times.poll)
  const stranded = strandedOrders(orders, clock, Math.max(times.hold, ...times.pause))
  const now = () => clock.now()
  const holdEnd = () => new Date(now().getTime() + times.hold)

  function drive(order: Versioned<StoredOrder>) {
    if (stopping.signal.aborted || waiting.length >= QUEUE_LIMIT) return
    if (running.has(order.id)) return void again.add(order.id)
    waiting.push(order)
    startWaiting()
  }

  function startWaiting() {
    while (running.size < CONCURRENCY && waiting.length > 0) {
      const order = waiting.shift()!
      if (running.has(order.id)) continue
      const work = runTraced(order)
        .finally(() => {
          running.delete(order.id)
          startWaiting()
          return again.delete(order.id) ? wake(order.id) : undefined
        })
        .catch(error => log.warn({ err: error, order: order.id }, 'An order failed and is taken again later'))
      running.set(order.id, work)
    }
  }

  /** Runs the steps of an order in the trace of the request that placed it, whatever request or event made this replica take it. */
  const runTraced = (order: Versioned<StoredOrder>) =>
    inSpan({ name: 'drive order', kind: 'internal', parent: order.traceparent }, traceparent =>
      runSteps(order, traceparent)
    )

  /** Runs one step after another until there is no next step, a step must wait, or the driver stops. */
  async function runSteps(first: Versioned<StoredOrder>, traceparent: string) {
    let order = first
    while (!stopping.signal.aborted) {
      const outcome = await outcomeOf(order, traceparent)
      if (!outcome) return postpone(order)
      const before = order
      order = await write(order, outcome, traceparent)
      const hasChanged = order.version > before.version
      if (hasChanged) notify(order)
      // The customer has to act first, or the outcome changed nothing.
      if (order.state === 'pending' || !hasChanged) return postpone(order)
      if (!nextStep(order)) return
    }
    await orders.reschedule(order, now())
  }

  /** Applies an outcome to an order. Counts the new state only if this write won, so that each order counts once over all replicas. */
  async function write(order: Versioned<StoredOrder>, outcome: Outcome, traceparent: string) {
    let reached: State | undefined
    const rule = (before: StoredOrder) => {
      const change = advance(before, outcome, now(), holdEnd())
      // The last call of the rule is the one whose change is written. Only a new state has an event.
      reached = change.events.length > 0 ? change.state.state : undefined
      return change
    }
    const after = await orders.change(order, undefined, rule, { traceparent })
    if (reached) metrics.countMove(reached)
    return after
  }

  async function outcomeOf(order: StoredOrder, traceparent: string): Promise<Outcome | undefined> {
    const step = nextStep(order)
    if (!step) return undefined
    if (nextState(order.state, 'out-of-time') && now() >= order.expiresAt) return { type: 'out-of-time' }
    const { id, attempts } = order
    const requestId = requestIdOf(undefined, traceparent)
    const deadline = now().getTime() + times.step
    try {
      const outcome = await steps[step](order, { requestId, traceparent, deadline })
      metrics.steps.inc({ step, outcome: outcome?.type ?? 'none' })
      return outcome
    } catch (error) {
      metrics.steps.inc({ step, outcome: 'failed' })
      log.warn({ err: error, order: id, step, attempts }, 'A step of an order failed and is tried again')
      return undefined
    }
  }

  /** Postpones an order. An unpaid order is taken again when it expires, at the latest. */
  async function postpone(order: StoredOrder) {
    if (!order.nextAt) return
    const { state, expiresAt } = order
    const attempts = order.attempts + 1
    const time = now().getTime()
    const later = time + backoff(attempts, ...times.pause)
    const canExpire = nextState(state, 'out-of-time') !== undefined
    const nextAt = canExpire ? Math.min(later, Math.max(time, expiresAt.getTime())) : later
    await orders.reschedule(order, new Date(nextAt), attempts)
  }

  /** Takes due or stranded orders, up to the number of free places. */
  async function poll() {
    const room = CONCURRENCY - running.size - waiting.length
    if (room <= 0) return
    const due = await pace.measure(() => orders.due(room))
    for (const order of [...due, ...(await stranded())].slice(0, room)) await take(order)
  }

  async function take(order: Versioned<StoredOrder>) {
    const nextAt = holdEnd()
    if (await orders.reschedule(order, nextAt)) drive({ ...order, nextAt })
  }

  async function wake(id: string) {
    if (running.has(id)) return void again.add(id)
    const order = await orders.byId(id)
    if (order?.nextAt) await take(order)
  }

  return {
    holdEnd,
    drive,
    wake,
    start() {
      polling = repeat('Polling for orders', poll, pace.interval, { log, signal: stopping.signal })
    },
    async stop() {
      stopping.abort()
      await Promise.all([polling, ...running.values()])
    }
  }
}
