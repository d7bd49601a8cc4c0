import { setTimeout } from 'node:timers/promises'
import { backoff, type Clock, newId, unavailable } from '@bulkhead/chassis/core'
import { ATTEMPTS, MOST_HOLDS, PIECES_WITHOUT_SHARE } from '../limits.ts'
import type { Hold, Holder, StockStore } from '../stock/store.ts'
import { fateOf } from './fate.ts'
import { type NetworkLimits, type Refused, refusedOf } from './refusals.ts'
import type { Line } from './schemas.ts'
import type { Reservation } from './store.ts'

export type Holds = ReturnType<typeof reservationHolds>

type Deps = {
  stock: StockStore
  clock: Clock
  networkLimits: NetworkLimits
  /** Told when a hold is refused because its SKU has too many. */
  full: () => void
}

/** For whom an unpaid order asks for holds. */
export type Claim = Holder & {
  /** Has the order of another hold of the same buyer give way. False where that order is the newer one. */
  replace: (sku: string, other: Hold) => Promise<boolean>
}

/** A paid order asks for itself: no limit applies to it, and its holds give way to nobody. */
const PAID: Claim = { replace: async () => false }

/** The holds of reservations in the documents of stock. */
export function reservationHolds({ stock, clock, networkLimits, full }: Deps) {
  /** The holds of a reservation's present take that are in place, by SKU. */
  async function placed({ _id, take, lines }: Reservation): Promise<Map<string, Hold>> {
    const own = (hold: Hold) => hold.orderId === _id && hold.take === take
    const found = await stock.bySkus(lines.map(skuOf))
    return new Map(found.flatMap(({ _id: sku, holds }) => holds.filter(own).map(hold => [sku, hold] as const)))
  }

  /** Places all holds that are not in `there` yet. Where it is refused, some may be placed. */
  async function place(reservation: Reservation, there: Map<string, Hold>, claim = PAID) {
    const holds = new Map(there)
    // All in one order: of two reservations of the same SKUs one gets all of them.
    const missing = reservation.lines.filter(({ sku }) => !there.has(sku)).toSorted(bySku)
    for (const [index, line] of missing.entries()) {
      const hold = await placeOne(line, missing.slice(index), reservation, claim)
      if ('why' in hold) return { holds, refused: hold }
      holds.set(line.sku, hold)
    }
    return { holds, refused: undefined }
  }

  /** Places the hold of a line and returns it, or why it or one of the lines `left` can't be held. 503 where the SKU has too many holds. */
  async function placeOne({ sku, quantity }: Line, left: Line[], { _id: orderId, take }: Reservation, claim: Claim) {
    const { replace, ...holder } = claim
    const { buyer, network } = holder
    let known: string[] = []
    // A network that holds none of the SKU yet may hold a few pieces: that needs no look at the stock.
    let mayHold = network === undefined || quantity <= PIECES_WITHOUT_SHARE
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const hold: Hold = { id: newId('hld', clock), orderId, take, quantity, at: clock.now(), ...holder }
      if (mayHold && (await stock.hold(sku, hold, known))) return hold
      const stocks = await stock.bySkus(left.map(skuOf))
      const holds = stocks.find(({ _id }) => _id === sku)?.holds ?? []
      const own = holds.find(other => other.orderId === orderId)
      if (own && own.take >= take) return own
      const refused = refusedOf(left, stocks, { orderId, buyer, network }, networkLimits)
      if (refused) return refused
      const older = buyer === undefined ? undefined : holds.find(other => other.buyer === buyer)
      if (own) await stock.giveBack(sku, own)
      else if (older && !(await replace(sku, older))) return { why: 'replaced', skus: [sku] } satisfies Refused
      else if (!older && holds.length >= MOST_HOLDS) {
        full()
        throw unavailable('The stock', 1, new Error(`${sku} has ${MOST_HOLDS} holds`))
      }
      known = holds.filter(other => other.network === network).map(({ id }) => id)
      mayHold = true
      if (attempt > 2) await setTimeout(backoff(attempt, 2, 50))
    }
    throw unavailable('The stock', 1, new Error(`${sku} was changed by others ${ATTEMPTS} times`))
  }

  /** Has a hold leave or return where its reservation says so. True where that was still to be done. */
  async function settleOne(sku: string, hold: Hold, reservation: Reservation) {
    const fate = fateOf(hold, sku, reservation)
    if (fate === 'stays') return false
    return fate === 'leaves' ? stock.takeOut(sku, hold) : stock.giveBack(sku, hold)
  }

  /** The same for all holds of a reservation. */
  async function settle(reservation: Reservation) {
    for (const { _id: sku, holds } of await stock.bySkus(reservation.lines.map(skuOf)))
      for (const hold of holds) if (hold.orderId === reservation._id) await settleOne(sku, hold, reservation)
  }

  return { placed, place, settleOne, settle }
}

const skuOf = ({ sku }: { sku: string }) => sku
const bySku = (one: Line, other: Line) => (one.sku < other.sku ? -1 : 1)
