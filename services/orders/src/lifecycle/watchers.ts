import { defineGauge, liveGauge, pause, repeat, unavailable } from '@bulkhead/chassis/core'
import type { ServerSentEvent } from '@bulkhead/chassis/http'
import type { Versioned } from '@bulkhead/chassis/mongo'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type Orders, type StoredOrder, toOrder } from '../orders/store.ts'
import { finalStates } from './machine.ts'

export const watcherCount = defineGauge({ name: 'orders_watchers', help: 'Open event streams of orders' })

type Options = {
  orders: Pick<Orders, 'versionsOf' | 'byIds'>
  log: Logger
  registry: Registry
  /** Milliseconds between two polls for changes by other replicas. */
  pollMs?: number | undefined
}

/** Maximum duration of a stream (ms). After that, the client connects again, perhaps to another replica. */
const STREAM_MS = 55_000
const MOST_WATCHERS = 1_000
/** How often a watcher checks whether its stream must end, even if its order does not change (ms). */
const CHECK_MS = 5_000

type Watcher = { order: Versioned<StoredOrder>; wake: () => void }

export type Watchers = {
  /** Passes an order that this replica has changed to its watchers. */
  notify(order: Versioned<StoredOrder>): void
  /**
   * Yields the order now and after each change, until its final state or the end of the stream. Throws a 503 if there are too many
   * watchers.
   */
  watch(order: Versioned<StoredOrder>): AsyncIterable<ServerSentEvent>
  count(): number
  start(): void
  /** Ends all streams. */
  stop(): Promise<void>
}

/** Streams the events of orders. Sends a change by this replica immediately, and a change by another replica after the next poll. */
export function orderWatchers({ orders, log, registry, pollMs = 500 }: Options): Watchers {
  const watchers = new Set<Watcher>()
  const stopping = new AbortController()
  let polling = Promise.resolve()
  liveGauge({ registry, metric: watcherCount, value: () => watchers.size })

  function notify(order: Versioned<StoredOrder>) {
    for (const watcher of watchers) {
      if (watcher.order.id !== order.id || watcher.order.version >= order.version) continue
      watcher.order = order
      watcher.wake()
    }
  }

  /** Reads the versions of all watched orders in one query, then the changed orders. */
  async function poll() {
    if (watchers.size === 0) return
    const seen = new Map([...watchers].map(({ order }) => [order.id, order.version]))
    const versions = await orders.versionsOf([...seen.keys()])
    const changed = [...versions].filter(([id, version]) => version > seen.get(id)!)
    if (changed.length === 0) return
    for (const order of await orders.byIds(changed.map(([id]) => id))) notify(order)
  }

  async function* streamOf(first: Versioned<StoredOrder>): AsyncGenerator<ServerSentEvent> {
    const watcher: Watcher = { order: first, wake: () => undefined }
    const until = performance.now() + STREAM_MS * (1 - Math.random() / 4)
    let sent = 0
    watchers.add(watcher)
    try {
      while (!stopping.signal.aborted && performance.now() < until) {
        const { order } = watcher
        if (order.version > sent) yield { id: String(order.version), data: toOrder(order) }
        sent = order.version
        if (finalStates.includes(order.state)) return
        if (watcher.order === order) await changeOf(watcher)
      }
    } finally {
      watchers.delete(watcher)
    }
  }

  /** Waits until the order of a watcher changes, for at most `CHECK_MS`. */
  async function changeOf(watcher: Watcher) {
    const woken = new AbortController()
    watcher.wake = () => woken.abort()
    await pause(CHECK_MS, AbortSignal.any([woken.signal, stopping.signal]))
  }

  return {
    notify,
    watch(order) {
      if (watchers.size >= MOST_WATCHERS) throw unavailable('The stream of events', 5)
      return streamOf(order)
    },
    count: () => watchers.size,
    start() {
      polling = repeat('Polling for watched orders', poll, () => pollMs, { log, signal: stopping.signal })
    },
    async stop() {
      stopping.abort()
      await polling
    }
  }
}
