import { measuredGauge } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'

/** A state that a reservation came to, or the reason why it came to it. */
export type ReservationOutcome = 'held' | 'rejected' | 'limited' | 'released' | 'replaced' | 'expired' | 'committed'

type Measures = Record<'held' | 'waiting', () => Promise<number>>

/** The metrics of inventory; the measures are asked at each scrape. */
export function inventoryMetrics(registry: Registry, log: Logger, measures: Measures) {
  const reservations = new Counter({
    name: 'inventory_reservations_total',
    help: 'Reservations that came to a state by this replica, or why: expired, limited by network, replaced by a newer order',
    labelNames: ['state'],
    registers: [registry]
  })
  const mended = new Counter({
    name: 'inventory_holds_mended_total',
    help: 'Holds that the sweep settled: what a request that was cut off left',
    registers: [registry]
  })
  const full = new Counter({
    name: 'inventory_holds_refused_total',
    help: 'Reservations answered with a 503: too many in flight held the same SKU',
    registers: [registry]
  })
  const counted = new Counter({
    name: 'inventory_counted_skus_total',
    help: 'SKUs whose quantities in imports this replica took',
    registers: [registry]
  })
  measuredGauge({
    registry,
    log,
    name: 'inventory_reservations_held',
    help: 'Reservations that are held',
    measure: measures.held
  })
  measuredGauge({
    registry,
    log,
    name: 'inventory_imports_waiting',
    help: 'Imports whose quantities are still to be taken',
    measure: measures.waiting
  })
  return {
    reservation: (state: ReservationOutcome) => reservations.inc({ state }),
    mended: () => mended.inc(),
    full: () => full.inc(),
    counted: (skus: number) => counted.inc(skus)
  }
}
