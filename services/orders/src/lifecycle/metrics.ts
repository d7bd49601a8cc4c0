import { type Clock, liveGauge, measuredGauge } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { Orders } from '../orders/store.ts'

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
  measuredGauge({
    registry,
    log,
    name: 'orders_overdue',
    help: 'Orders that no replica took for a minute, or whose step failed for longer than that',
    measure: () => orders.countOverdue(new Date(clock.now().getTime() - OVERDUE_MS))
  })
  liveGauge({
    registry,
    name: 'orders_waiting',
    help: 'Orders that wait in memory for their next step',
    value: waiting
  })
  return {
    steps: new Counter({
      name: 'orders_steps_total',
      help: 'Steps of orders by outcome. A step with the outcome none (not known yet) or failed is done again',
      labelNames: ['step', 'outcome'],
      registers: [registry]
    })
  }
}
