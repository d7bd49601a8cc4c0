import type { Counter, Gauge, Registry } from 'prom-client'
import { defineCounter, defineGauge, register } from '../core/index.ts'

const STREAM = 'the stream of the events'

const inHand = defineGauge({
  name: 'bulkhead_events_in_hand',
  help: 'Events that this replica has read and not finished',
  labels: { stream: STREAM }
})

const consumed = defineCounter({
  name: 'bulkhead_events_consumed_total',
  help: 'Events by outcome: handled, ignored, dead (moved to the dead letters) or left (stays pending)',
  labels: { stream: STREAM, outcome: ['handled', 'ignored', 'dead', 'left'] }
})

const retries = defineCounter({
  name: 'bulkhead_events_retries_total',
  help: 'Failed attempts to handle an event that were followed by another attempt',
  labels: { stream: STREAM }
})

const lag = defineGauge({
  name: 'bulkhead_events_lag',
  help: 'Events that this service has not acknowledged, as the log counts them',
  labels: { stream: STREAM }
})

const dead = defineGauge({ name: 'bulkhead_dead_letters', help: 'Events that this service could not handle' })

/** The metrics of a service that handles events. */
export const consumerMetrics = [inHand, consumed, retries, lag, dead]

/** The metrics of a consumer of events. The label `stream` is the stream of the events. */
export type ConsumerMetrics = {
  inHand: Gauge<'stream'>
  /** Events by their outcome, see `Outcome`. */
  consumed: Counter<'stream' | 'outcome'>
  retries: Counter<'stream'>
  lag: Gauge<'stream'>
  dead: Gauge
}

/** Registers the metrics of a consumer of these streams. */
export function registerConsumer(registry: Registry, stream: string[]): ConsumerMetrics {
  const held = register(registry, inHand)
  for (const each of stream) held.set({ stream: each }, 0)
  return {
    inHand: held,
    consumed: register(registry, consumed, { stream }),
    retries: register(registry, retries, { stream }),
    lag: register(registry, lag),
    dead: register(registry, dead)
  }
}
