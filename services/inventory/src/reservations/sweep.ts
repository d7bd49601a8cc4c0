import type { HoldsOfSku, StockStore } from '../stock/store.ts'
import type { Holds } from './holds.ts'
import type { ReservationLifecycle } from './lifecycle.ts'
import type { ReservationMetrics } from './metrics.ts'
import type { ReservationStore } from './store.ts'

type Deps = {
  stock: StockStore
  reservations: ReservationStore
  holds: Holds
  lifecycle: ReservationLifecycle
  metrics: ReservationMetrics
}

/** Maximum number of reservations that one sweep releases. The next sweep releases the others. */
const MOST_EXPIRED = 1_000
/** The number of SKUs whose holds are read together. */
const GROUP = 100

/** Releases expired reservations, and settles holds that a killed process left behind. Two replicas may sweep at the same time. */
export async function sweepReservations(deps: Deps) {
  await deps.lifecycle.expire(MOST_EXPIRED)
  for await (const group of deps.stock.withHolds(GROUP)) await settleGroup(group, deps)
}

async function settleGroup(group: HoldsOfSku[], { reservations, holds, metrics }: Deps) {
  const orderIds = new Set(group.flatMap(stock => stock.holds.map(({ orderId }) => orderId)))
  // Read the reservations after the holds, so that no hold is newer than its reservation.
  const byId = new Map((await reservations.byIds([...orderIds])).map(reservation => [reservation._id, reservation]))
  for (const stock of group) {
    for (const hold of stock.holds) {
      const reservation = byId.get(hold.orderId)
      if (reservation && (await holds.settle(stock._id, hold, reservation))) metrics.countMendedHold()
    }
  }
}
