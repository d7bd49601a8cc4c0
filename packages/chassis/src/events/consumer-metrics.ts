import { Counter, Gauge, type Registry } from 'prom-client'

export type ConsumerMetrics = ReturnType<typeof consumerMetrics>

/** The metrics of a consumer of events, by the stream they come from. */
export function consumerMetrics(registry: Registry) {
  const registers = [registry]
  const labelNames = ['stream'] as const
  return {
    inHand: new Gauge({
      name: 'bulkhead_events_in_hand',
      help: 'Events this replica has read and not finished',
      labelNames,
      registers
    }),
    consumed: new Counter({
      name: 'bulkhead_events_consumed_total',
      help: 'Events by what became of them: handled, ignored, dead (went to the dead letters) or left (stays pending)',
      labelNames: [...labelNames, 'outcome'],
      registers
    }),
    retries: new Counter({
      name: 'bulkhead_events_retries_total',
      help: 'Attempts at handling an event that failed and were followed by another',
      labelNames,
      registers
    }),
    lag: new Gauge({
      name: 'bulkhead_events_lag',
      help: 'Events this service has not acknowledged, as the log counts them',
      labelNames,
      registers
    }),
    dead: new Gauge({
      name: 'bulkhead_dead_letters',
      help: 'Events this service could not handle',
      registers
    })
  }
}
