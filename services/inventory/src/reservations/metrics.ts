import { measuredGauge } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { ReservationStore } from './store.ts'

/** The state that a reservation reached, or the reason for that state. */
type ReservationOutcome = 'held' | 'rejected' | 'limited' | 'released' | 'replaced' | 'expired' | 'committed'

export type ReservationMetrics = {
  countOutcome(outcome: ReservationOutcome): void
  /** Counts a hold that the sweep settled. */
  countMendedHold(): void
  /** Counts a hold that was refused because its SKU has too many holds. */
  countRefusedHold(): void
}

export function reservationMetrics(registry: Registry, log: Logger, store: ReservationStore): ReservationMetrics {
  measuredGauge({
    registry,
    log,
    name: 'inventory_reservations_held',
    help: 'Reservations in the state held',
    measure: store.countHeld
  })
  const outcomes = new Counter({
    name: 'inventory_reservations_total',
    help: 'Reservations by the state that this replica gave them, or by its reason: expired, limited by network, replaced by a newer order',
    labelNames: ['state'],
    registers: [registry]
  })
  const mended = new Counter({
    name: 'inventory_holds_mended_total',
    help: 'Holds that the sweep settled after a request was cut off',
    registers: [registry]
  })
  const refused = new Counter({
    name: 'inventory_holds_refused_total',
    help: 'Holds refused with a 503 because the SKU has too many holds',
    registers: [registry]
  })
  return {
    countOutcome: state => outcomes.inc({ state }),
    countMendedHold: () => mended.inc(),
    countRefusedHold: () => refused.inc()
  }
}
