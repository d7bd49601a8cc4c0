import type { Clock } from '@bulkhead/chassis/clock'
import { newId } from '@bulkhead/chassis/ids'
import { unavailable } from '@bulkhead/chassis/problem'
import { ATTEMPTS, MOST_HOLDS } from '../limits.ts'
import type { Hold, StockStore } from '../stock/store.ts'
import { fateOf } from './fate.ts'
import type { Line } from './schemas.ts'
import type { Reservation } from './store.ts'

export type Holds = ReturnType<typeof reservationHolds>

type Deps = { stock: StockStore; clock: Clock; full: () => void }

/** The holds of reservations in the documents of stock. `full` is told when one is refused because too many are in flight. */
export function reservationHolds({ stock, clock, full }: Deps) {
  /** The holds of a reservation's present take that are in place, by SKU. */
  async function placed({ _id, take, lines }: Reservation): Promise<Map<string, Hold>> {
    const own = (hold: Hold) => hold.orderId === _id && hold.take === take
    const found = await stock.bySkus(lines.map(({ sku }) => sku))
    return new Map(found.flatMap(({ _id: sku, holds }) => holds.filter(own).map(hold => [sku, hold] as const)))
  }

  /** Places all holds that are not in `there` yet. `short` are the SKUs of which there is not enough; then some may be placed. */
  async function place(reservation: Reservation, there: Map<string, Hold>) {
    const holds = new Map(there)
    // All in one order: of two reservations of the same SKUs one gets all of them.
    const missing = reservation.lines.filter(({ sku }) => !there.has(sku)).toSorted(bySku)
    for (const [index, line] of missing.entries()) {
      const hold = await placeOne(line, reservation)
      if (!hold) return { holds, short: [line.sku, ...(await lacking(missing.slice(index + 1)))] }
      holds.set(line.sku, hold)
    }
    return { holds, short: [] }
  }

  /** Places a hold and returns it; undefined where there is not enough. 503 where too many are in flight. */
  async function placeOne({ sku, quantity }: Line, { _id: orderId, take }: Reservation): Promise<Hold | undefined> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const hold = { id: newId('hld', clock), orderId, take, quantity, at: clock.now() }
      if (await stock.hold(sku, hold)) return hold
      const found = await stock.bySku(sku)
      const own = found?.holds.find(other => other.orderId === orderId)
      if (own && own.take >= take) return own
      if (own) await stock.giveBack(sku, own)
      else if (!found || found.available < quantity) return undefined
      else if (found.holds.length >= MOST_HOLDS) {
        full()
        throw unavailable('The stock', 1, new Error(`${sku} has ${MOST_HOLDS} holds`))
      }
    }
    throw unavailable('The stock', 1, new Error(`${sku} was changed by others ${ATTEMPTS} times`))
  }

  /** The SKUs of lines of which there is not enough now. */
  async function lacking(lines: Line[]) {
    const found = lines.length > 0 ? await stock.bySkus(lines.map(({ sku }) => sku)) : []
    const available = new Map(found.map(({ _id, available }) => [_id, available]))
    return lines.filter(({ sku, quantity }) => (available.get(sku) ?? 0) < quantity).map(({ sku }) => sku)
  }

  /** Has a hold leave or return where its reservation says so. True where that was still to be done. */
  async function settleOne(sku: string, hold: Hold, reservation: Reservation) {
    const fate = fateOf(hold, sku, reservation)
    if (fate === 'stays') return false
    return fate === 'leaves' ? stock.takeOut(sku, hold) : stock.giveBack(sku, hold)
  }

  /** The same for all holds of a reservation. */
  async function settle(reservation: Reservation) {
    for (const { _id: sku, holds } of await stock.bySkus(reservation.lines.map(({ sku }) => sku)))
      for (const hold of holds) if (hold.orderId === reservation._id) await settleOne(sku, hold, reservation)
  }

  return { placed, place, settleOne, settle }
}

const bySku = (one: Line, other: Line) => (one.sku < other.sku ? -1 : 1)
