import { Counter, Gauge, type Registry } from 'prom-client'

/** The metrics of a consumer of events. The label `stream` is the stream of the events. */
export type ConsumerMetrics = {
  /** Events that this replica has read and not finished. */
  inHand: Gauge<'stream'>
  /** Events by their outcome, see `Outcome`. */
  consumed: Counter<'stream' | 'outcome'>
  retries: Counter<'stream'>
  /** Events that the group has not acknowledged. */
  lag: Gauge<'stream'>
  /** Dead letters of the service. */
  dead: Gauge
}

/** Registers the metrics of a consumer. */
export function consumerMetrics(registry: Registry): ConsumerMetrics {
  const registers = [registry]
  const labelNames = ['stream'] as const
  return {
    inHand: new Gauge({
      name: 'bulkhead_events_in_hand',
      help: 'Events that this replica has read and not finished',
      labelNames,
      registers
    }),
    consumed: new Counter({
      name: 'bulkhead_events_consumed_total',
      help: 'Events by outcome: handled, ignored, dead (moved to the dead letters) or left (stays pending)',
      labelNames: [...labelNames, 'outcome'],
      registers
    }),
    retries: new Counter({
      name: 'bulkhead_events_retries_total',
      help: 'Failed attempts to handle an event that were followed by another attempt',
      labelNames,
      registers
    }),
    lag: new Gauge({
      name: 'bulkhead_events_lag',
      help: 'Events that this service has not acknowledged, as the log counts them',
      labelNames,
      registers
    }),
    dead: new Gauge({
      name: 'bulkhead_dead_letters',
      help: 'Events that this service could not handle',
      registers
    })
  }
}
