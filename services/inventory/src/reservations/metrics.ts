import { defineCounter, defineGauge, measuredGauge, register } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { ReservationStore } from './store.ts'

/** The states that a reservation reaches, and the reasons for them. */
const OUTCOMES = ['held', 'rejected', 'limited', 'released', 'replaced', 'expired', 'committed'] as const

/** The state that a reservation reached, or the reason for that state. */
type ReservationOutcome = (typeof OUTCOMES)[number]

const held = defineGauge({ name: 'inventory_reservations_held', help: 'Reservations in the state held' })

const reservations = defineCounter({
  name: 'inventory_reservations_total',
  help: 'Reservations by the state that this replica gave them, or by its reason: expired, limited by network, replaced by a newer order',
  labels: { state: OUTCOMES }
})

const mendedHolds = defineCounter({
  name: 'inventory_holds_mended_total',
  help: 'Holds that the sweep settled after a request was cut off'
})

const refusedHolds = defineCounter({
  name: 'inventory_holds_refused_total',
  help: 'Holds refused with a 503 because the SKU has too many holds'
})

const stockOuts = defineCounter({
  name: 'bulkhead_stock_outs_total',
  help: 'Reservations that were rejected because a SKU had too few pieces, each counted by the replica that rejected it'
})

/** The definitions of the metrics of reservations. */
export const reservationDefinitions = [held, reservations, mendedHolds, refusedHolds, stockOuts]

export type ReservationMetrics = {
  countOutcome(outcome: ReservationOutcome): void
  /** Counts a hold that the sweep settled. */
  countMendedHold(): void
  /** Counts a hold that was refused because its SKU has too many holds. */
  countRefusedHold(): void
}

export function reservationMetrics(registry: Registry, log: Logger, store: ReservationStore): ReservationMetrics {
  measuredGauge({ registry, log, metric: held, measure: store.countHeld })
  const outcomes = register(registry, reservations)
  const out = register(registry, stockOuts)
  const mended = register(registry, mendedHolds)
  const refused = register(registry, refusedHolds)
  return {
    countOutcome(state) {
      outcomes.inc({ state })
      if (state === 'rejected') out.inc()
    },
    countMendedHold: () => mended.inc(),
    countRefusedHold: () => refused.inc()
  }
}
