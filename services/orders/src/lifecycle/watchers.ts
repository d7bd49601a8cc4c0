import { pause, repeat, unavailable } from '@bulkhead/chassis/core'
import type { ServerSentEvent } from '@bulkhead/chassis/http'
import type { Aggregates, Versioned } from '@bulkhead/chassis/mongo'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import { shownOrder } from '../orders/shown.ts'
import { ends } from './machine.ts'
import type { StoredOrder } from './transitions.ts'

type Options = {
  orders: Pick<Aggregates<StoredOrder>, 'collection' | 'byIds'>
  logger: Logger
  registry: Registry
  /** Milliseconds between two looks for what other replicas changed. */
  poll?: number | undefined
}

/** Milliseconds that a watcher is served before it has to come back: so that it may come back to another replica. */
const LIFE = 55_000
const MOST_WATCHERS = 1_000
/** What a watcher that is gone costs is no more than this. */
const REST = 5_000

type Watcher = { order: Versioned<StoredOrder>; wake: () => void }

export type Live = ReturnType<typeof liveOrders>

/** The orders that somebody watches. What this replica changes is seen at once, what others change at the next look. */
export function liveOrders({ orders, logger, registry, poll = 500 }: Options) {
  const watchers = new Set<Watcher>()
  const stopping = new AbortController()
  new Gauge({
    name: 'orders_watchers',
    help: 'Streams of events of an order that are open',
    registers: [registry],
    collect() {
      this.set(watchers.size)
    }
  })

  function moved(order: Versioned<StoredOrder>) {
    for (const watcher of watchers) {
      if (watcher.order.id !== order.id || watcher.order.version >= order.version) continue
      watcher.order = order
      watcher.wake()
    }
  }

  /** One query for all that are watched, and of those that changed one for the whole of them. */
  async function look() {
    if (watchers.size === 0) return
    const seen = new Map([...watchers].map(({ order }) => [order.id, order.version]))
    const query = orders.collection.find({ _id: { $in: [...seen.keys()] } })
    const found = await query.project<{ _id: string; version: number }>({ version: 1 }).toArray()
    const changed = found.filter(({ _id, version }) => version > seen.get(_id)!)
    if (changed.length > 0) for (const order of await orders.byIds(changed.map(({ _id }) => _id))) moved(order)
  }

  let looking = Promise.resolve()

  /** The order as it is now and after each change, until it ends or the watcher has to come back. */
  async function* watch(first: Versioned<StoredOrder>): AsyncGenerator<ServerSentEvent> {
    const watcher: Watcher = { order: first, wake: () => undefined }
    const until = performance.now() + LIFE * (1 - Math.random() / 4)
    let sent = 0
    watchers.add(watcher)
    try {
      while (!stopping.signal.aborted && performance.now() < until) {
        const { order } = watcher
        if (order.version > sent) yield { id: String(order.version), data: shownOrder(order) }
        sent = order.version
        if (ends.includes(order.state)) return
        if (watcher.order === order) await changed(watcher)
      }
    } finally {
      watchers.delete(watcher)
    }
  }

  async function changed(watcher: Watcher) {
    const woken = new AbortController()
    watcher.wake = () => woken.abort()
    await pause(REST, AbortSignal.any([woken.signal, stopping.signal]))
  }

  return {
    moved,
    start() {
      const background = { logger, signal: stopping.signal }
      looking = repeat('Looking for orders that are watched', look, () => poll, background)
    },
    watched: () => watchers.size,
    /** Throws a 503 while too many watch. */
    watch(order: Versioned<StoredOrder>) {
      if (watchers.size >= MOST_WATCHERS) throw unavailable('The stream of events', 5)
      return watch(order)
    },
    /** Ends all streams. */
    async stop() {
      stopping.abort()
      await looking
    }
  }
}
