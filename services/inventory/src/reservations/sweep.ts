import type { StockStore } from '../stock/store.ts'
import type { Holds } from './holds.ts'
import type { Reservations } from './reservations.ts'
import type { ReservationStore } from './store.ts'

type Deps = {
  stock: StockStore
  books: ReservationStore
  holds: Holds
  reservations: Reservations
  /** Told of each hold that was mended. */
  mended: () => void
}

/** Reservations that expire in one sweep at most; the next goes on. */
const SWEEP_LIMIT = 1_000
/** Documents of stock that are looked at together. */
const GROUP = 100

/** Releases reservations that expired, and settles holds whose reservation is over: what a kill left. It bears being run twice at once. */
export async function sweepReservations({ stock, books, holds, reservations, mended }: Deps) {
  await reservations.expire(SWEEP_LIMIT)
  for await (const group of stock.withHolds(GROUP)) {
    const orderIds = new Set(group.flatMap(({ holds }) => holds.map(({ orderId }) => orderId)))
    // Read after the holds, or a hold could be newer than its reservation.
    const found = new Map((await books.byIds([...orderIds])).map(reservation => [reservation._id, reservation]))
    for (const { _id: sku, holds: all } of group) {
      for (const hold of all) {
        const reservation = found.get(hold.orderId)
        if (reservation && (await holds.settleOne(sku, hold, reservation))) mended()
      }
    }
  }
}
