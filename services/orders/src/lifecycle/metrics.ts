import { type Clock, measuredGauge } from '@bulkhead/chassis/core'
import type { Aggregates } from '@bulkhead/chassis/mongo'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { StoredOrder } from './transitions.ts'

type Options = {
  orders: Pick<Aggregates<StoredOrder>, 'collection'>
  clock: Clock
  logger: Logger
  registry: Registry
  /** How many orders wait in memory. */
  waiting: () => number
}

/** Milliseconds after which an order that nobody looked at, or that was tried in vain, counts as overdue. */
const OVERDUE = 60_000

/** What the driver of orders counts. Of orders that nobody brings on it asks the store when the metrics are read. */
export function driverMetrics({ orders, clock, logger, registry, waiting }: Options) {
  const registers = [registry]

  /** Not looked at for a minute, or for longer in a state that it is not for the customer to move. */
  function overdue() {
    const limit = new Date(clock.now().getTime() - OVERDUE)
    return orders.collection.countDocuments({
      nextAt: { $exists: true },
      // What an older release moved last has no `since`. It counts, so as not to be overlooked.
      $or: [{ nextAt: { $lt: limit } }, { state: { $ne: 'pending' }, since: { $not: { $gte: limit } } }]
    })
  }

  measuredGauge({
    registry,
    log: logger,
    name: 'orders_overdue',
    help: 'Orders that nobody brings on: not looked at for a minute, or for longer in a state with a step, tried in vain',
    measure: overdue
  })
  new Gauge({
    name: 'orders_waiting',
    help: 'Orders that wait in memory for their next step',
    registers,
    collect() {
      this.set(waiting())
    }
  })
  return {
    steps: new Counter({
      name: 'orders_steps_total',
      help: 'Steps of orders that were done, by what became known: none (nothing yet) or failed for those that are done again',
      labelNames: ['step', 'outcome'],
      registers
    })
  }
}
