import { type Clock, newId, pauseAfter, tooContended, unavailable, WRITE_ATTEMPTS } from '@bulkhead/chassis/core'
import { type Hold, type Holder, MOST_HOLDS, type StockStore } from '../stock/store.ts'
import { fateOf } from './fate.ts'
import type { ReservationMetrics } from './metrics.ts'
import { findRefusal, type NetworkLimits, PIECES_WITHOUT_SHARE, type Refusal } from './refusals.ts'
import type { Line } from './schemas.ts'
import type { Reservation } from './store.ts'

type Deps = {
  stock: StockStore
  clock: Clock
  networkLimits: NetworkLimits
  metrics: ReservationMetrics
}

/** The buyer of an unpaid order that requests holds. */
export type Claim = Holder & {
  /** Releases the order of another hold of the same buyer. Returns false if the other order is newer. */
  replace: (sku: string, other: Hold) => Promise<boolean>
}

/** The claim of a paid order. It has no buyer, so no limit applies to it, and its holds are never released for another order. */
const PAID: Claim = { replace: async () => false }

/** Holds by SKU. */
export type HoldsBySku = Map<string, Hold>

export type Holds = {
  /** Finds the holds in the stock that belong to the current take of the reservation. */
  findPlaced(reservation: Reservation): Promise<HoldsBySku>
  /**
   * Places the holds that are not in `placed` yet. Without a claim, the order counts as paid. After a refusal, some of the holds may be
   * placed. Throws a 503 if a SKU has too many holds.
   */
  place(
    reservation: Reservation,
    placed: HoldsBySku,
    claim?: Claim
  ): Promise<{ holds: HoldsBySku; refusal: Refusal | undefined }>
  /** Lets the pieces of a hold leave or return, as `fateOf` decides. Returns false if there is nothing to do. */
  settle(sku: string, hold: Hold, reservation: Reservation): Promise<boolean>
  /** Settles all holds of a reservation. */
  settleAll(reservation: Reservation): Promise<void>
}

/** Reads and writes the holds of reservations in the documents of stock. */
export function reservationHolds({ stock, clock, networkLimits, metrics }: Deps): Holds {
  async function findPlaced({ _id, take, lines }: Reservation) {
    const isOwn = (hold: Hold) => hold.orderId === _id && hold.take === take
    const stocks = await stock.bySkus(lines.map(skuOf))
    return new Map(stocks.flatMap(({ _id: sku, holds }) => holds.filter(isOwn).map(hold => [sku, hold] as const)))
  }

  async function place(reservation: Reservation, placed: HoldsBySku, claim = PAID) {
    const holds = new Map(placed)
    // All requests place holds in the same order. So if two reservations have the same SKUs, one of them gets all.
    const missing = reservation.lines.filter(({ sku }) => !placed.has(sku)).toSorted(bySku)
    for (const [index, line] of missing.entries()) {
      const result = await placeOne(line, missing.slice(index), reservation, claim)
      if ('reason' in result) return { holds, refusal: result }
      holds.set(line.sku, result)
    }
    return { holds, refusal: undefined }
  }

  /** Places the hold of one line. Returns the hold, or the reason why a line of `left` can't be held. */
  async function placeOne(
    { sku, quantity }: Line,
    left: Line[],
    { _id: orderId, take }: Reservation,
    { replace, buyer, network }: Claim
  ): Promise<Hold | Refusal> {
    let known: string[] = []
    // A network without other holds of the SKU may hold a few pieces, so the first attempt need not read the stock.
    let mayHold = network === undefined || quantity <= PIECES_WITHOUT_SHARE
    for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
      const hold: Hold = { id: newId('hld', clock), orderId, take, quantity, at: clock.now(), buyer, network }
      if (mayHold && (await stock.hold(sku, hold, known))) return hold
      const stocks = await stock.bySkus(left.map(skuOf))
      const holds = stocks.find(({ _id }) => _id === sku)?.holds ?? []
      const own = holds.find(other => other.orderId === orderId)
      if (own && own.take >= take) return own
      const refusal = findRefusal(left, stocks, { orderId, buyer, network }, networkLimits)
      if (refusal) return refusal
      const older = buyer === undefined ? undefined : holds.find(other => other.buyer === buyer)
      if (own) await stock.giveBack(sku, own)
      else if (older && !(await replace(sku, older))) return { reason: 'replaced', skus: [sku] }
      else if (!older && holds.length >= MOST_HOLDS) throw tooManyHolds(sku)
      known = holds.filter(other => other.network === network).map(({ id }) => id)
      mayHold = true
      if (attempt > 2) await pauseAfter(attempt)
    }
    throw tooContended('The stock', sku)
  }

  function tooManyHolds(sku: string) {
    metrics.countRefusedHold()
    return unavailable('The stock', 1, new Error(`${sku} has ${MOST_HOLDS} holds`))
  }

  async function settle(sku: string, hold: Hold, reservation: Reservation) {
    const fate = fateOf(hold, sku, reservation)
    if (fate === 'stays') return false
    return fate === 'leaves' ? stock.takeOut(sku, hold) : stock.giveBack(sku, hold)
  }

  async function settleAll(reservation: Reservation) {
    for (const { _id: sku, holds } of await stock.bySkus(reservation.lines.map(skuOf)))
      for (const hold of holds) if (hold.orderId === reservation._id) await settle(sku, hold, reservation)
  }

  return { findPlaced, place, settle, settleAll }
}

const skuOf = ({ sku }: { sku: string }) => sku
const bySku = (one: Line, other: Line) => (one.sku < other.sku ? -1 : 1)
