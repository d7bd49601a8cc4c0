import { type Clock, defineCounter, defineGauge, liveGauge, measuredGauge, register } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Orders } from '../orders/store.ts'
import type { Outcome } from './changes.ts'
import { finalStates, STEPS, type State } from './machine.ts'

/** The states in which orders are counted: paid, and every state that an order never leaves. */
const COUNTED: State[] = ['captured', ...finalStates]

/** The outcomes of steps. */
const OUTCOMES: (Outcome['type'] | 'none' | 'failed')[] = [
  'authorised',
  'action-needed',
  'out-of-stock',
  'declined',
  'captured',
  'capture-refused',
  'settled',
  'stock-gone',
  'repaid',
  'refund-refused',
  'undone',
  'none',
  'failed'
]

const overdue = defineGauge({
  name: 'orders_overdue',
  help: 'Orders that no replica took for a minute, or whose step failed for longer than that'
})

const waitingOrders = defineGauge({
  name: 'orders_waiting',
  help: 'Orders that wait in memory for their next step'
})

const stepsOfOrders = defineCounter({
  name: 'orders_steps_total',
  help: 'Steps of orders by outcome. A step with the outcome none (not known yet) or failed is done again',
  labels: { step: STEPS, outcome: OUTCOMES }
})

const ordersByState = defineCounter({
  name: 'bulkhead_orders_total',
  help: 'Orders that were paid (captured) or that reached a final state, each counted by the replica that moved it. A paid order that is refunded later counts in both states',
  labels: { state: COUNTED }
})

/** The definitions of the driver's metrics. */
export const driverDefinitions = [overdue, waitingOrders, stepsOfOrders, ordersByState]

type Options = {
  orders: Pick<Orders, 'countOverdue'>
  clock: Clock
  log: Logger
  registry: Registry
  /** Returns the number of orders that wait in memory. */
  waiting: () => number
}

/** How long an order may wait for a replica, or its step may fail, before the order counts as overdue (ms). */
const OVERDUE_MS = 60_000

/** Registers the metrics of the driver. Overdue orders are counted in the store at each read of the metrics. */
export function driverMetrics({ orders, clock, log, registry, waiting }: Options) {
  const measure = () => orders.countOverdue(new Date(clock.now().getTime() - OVERDUE_MS))
  measuredGauge({ registry, log, metric: overdue, measure })
  liveGauge({ registry, metric: waitingOrders, value: waiting })
  const orderStates = register(registry, ordersByState)
  return {
    steps: register(registry, stepsOfOrders),
    /** Counts an order that this replica has moved to a new state. */
    countMove(state: State) {
      if (COUNTED.includes(state)) orderStates.inc({ state })
    }
  }
}
