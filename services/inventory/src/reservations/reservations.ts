import { type Clock, conflict, found, recent, unavailable } from '@bulkhead/chassis/core'
import { ATTEMPTS } from '../limits.ts'
import type { ReservationOutcome } from '../metrics.ts'
import type { Hold, Holder } from '../stock/store.ts'
import { fateOf } from './fate.ts'
import type { Claim, Holds } from './holds.ts'
import type { Refused } from './refusals.ts'
import type { Line } from './schemas.ts'
import type { Reservation, ReservationStore } from './store.ts'

/** A reservation that was held, and the hold of each SKU. */
type Held = { reservation: Reservation; holds: Map<string, Hold> }

/** What a replica held last, by order. The commit mostly comes soon, and is written only where the reservation still is held: then so are these very holds. */
export const recentlyHeld = () => recent<Held>()

type Deps = {
  books: ReservationStore
  holds: Holds
  lately: ReturnType<typeof recentlyHeld>
  clock: Clock
  /** Milliseconds that a reservation is held at most. */
  life: number
  /** Told of each reservation that came to a state by this replica. */
  count: (outcome: ReservationOutcome) => void
}

export type Reservations = ReturnType<typeof reservations>

/**
 * Reservations of several SKUs without transactions. The reservation's document decides, always first: it is inserted as `held` and answered
 * so only when every hold is in its stock's document and the reservation, read again, still is held. Whoever ends it changes it first and
 * settles the holds afterwards. What a kill leaves is settled when the request comes again, or by the sweep.
 */
export function reservations({ books, holds, lately, clock, life, count }: Deps) {
  const expiry = () => new Date(clock.now().getTime() + life)
  const newReservation = (orderId: string, state: Reservation['state'], lines: Line[]): Reservation => ({
    ...{ _id: orderId, schemaVersion: 1, state, take: 1, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) },
    ...{ createdAt: clock.now(), expiresAt: expiry() }
  })

  /** Ends a held reservation; undefined where it is not as it was read. `refused` says why, where nobody asked for it. */
  async function end(before: Reservation, state: 'rejected' | 'released', refused?: Refused) {
    const change = { state, endedAt: clock.now(), ...(refused && { [refused.why]: refused.skus }) }
    if (!(await books.move(before, change))) return undefined
    const after = { ...before, ...change }
    await holds.settle(after)
    return after
  }

  /** Ends the reservation that an order can't have, and counts it. */
  async function refuse(before: Reservation, refused: Refused) {
    const after = await end(before, refused.why === 'replaced' ? 'released' : 'rejected', refused)
    if (after) count(refused.why === 'short' ? 'rejected' : refused.why)
    return after
  }

  /**
   * Has the reservation of another hold of the buyer give way; one that is over is settled. False where it is the newer one: that can
   * only be found by a request that was cut off before and comes again. One that is committed meanwhile does not give way.
   */
  async function replace(sku: string, hold: Hold, { createdAt }: Reservation, isNew: boolean) {
    const other = found(await books.byId(hold.orderId))
    if (fateOf(hold, sku, other) !== 'stays') await holds.settleOne(sku, hold, other)
    // A new request is the latest, whatever clocks say.
    else if (!isNew && other.createdAt > createdAt) return false
    else await refuse(other, { why: 'replaced', skus: [sku] })
    return true
  }

  async function reserve(orderId: string, lines: Line[], holder: Holder = {}): Promise<Reservation> {
    const made = newReservation(orderId, 'held', lines)
    const isNew = await books.insert(made)
    const before = isNew ? made : found(await books.byId(orderId))
    if (!isNew && isTombstone(before)) return before
    if (!isNew && !sameLines(before.lines, lines))
      throw conflict('reservation-differs', 'The order has a reservation with other lines')
    if (before.state !== 'held') {
      await holds.settle(before)
      return before
    }
    const claim: Claim = { ...holder, replace: (sku, other) => replace(sku, other, before, isNew) }
    const { holds: placed, refused } = await holds.place(before, isNew ? new Map() : await holds.placed(before), claim)
    const ended = refused && (await refuse(before, refused))
    if (ended) return ended
    const after = found(await books.byId(orderId))
    // Somebody was faster, and did not see holds that were placed since.
    if (after.state !== 'held' || after.take !== before.take) await holds.settle(after)
    else {
      lately.set(orderId, { reservation: after, holds: placed })
      if (isNew) count('held')
    }
    return after
  }

  async function release(orderId: string): Promise<Reservation> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = await books.byId(orderId)
      if (!before) {
        const tombstone = { ...newReservation(orderId, 'released', []), endedAt: clock.now() }
        if (await books.insert(tombstone)) return tombstone
        continue
      }
      if (before.state === 'committed') throw conflict('reservation-committed', 'What was reserved has left')
      if (before.state !== 'held') {
        await holds.settle(before)
        return before
      }
      const after = await end(before, 'released')
      if (!after) continue
      count('released')
      return after
    }
    throw changedByOthers(orderId)
  }

  async function commit(orderId: string): Promise<Reservation> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const known = lately.get(orderId)
      lately.delete(orderId)
      const before = known?.reservation ?? found(await books.byId(orderId))
      if (before.state === 'committed') {
        await holds.settle(before)
        return before
      }
      if (isTombstone(before)) throw stockGone([])
      if (before.state !== 'held') {
        await books.move(before, { state: 'held', take: before.take + 1, expiresAt: expiry() })
        continue
      }
      const { holds: placed, refused } = known
        ? { holds: known.holds, refused: undefined }
        : await holds.place(before, await holds.placed(before))
      if (refused) {
        if (await end(before, 'released')) throw stockGone(refused.skus)
        continue
      }
      const lines = before.lines.map(line => ({ ...line, holdId: placed.get(line.sku)!.id }))
      const change = { state: 'committed' as const, lines, endedAt: clock.now() }
      if (!(await books.move(before, change))) continue
      const after = { ...before, ...change }
      await Promise.all([...placed].map(([sku, hold]) => holds.settleOne(sku, hold, after)))
      count('committed')
      return after
    }
    throw changedByOthers(orderId)
  }

  return {
    reserve,
    release,
    commit,

    /** Releases what is held beyond its time; up to `limit`. */
    async expire(limit: number) {
      for (const before of await books.expired(clock.now(), limit)) if (await end(before, 'released')) count('expired')
    }
  }
}

/** What a release left that came before its reservation. */
const isTombstone = ({ lines }: Reservation) => lines.length === 0

function sameLines(one: Line[], other: Line[]) {
  const quantities = new Map(one.map(({ sku, quantity }) => [sku, quantity]))
  return one.length === other.length && other.every(({ sku, quantity }) => quantities.get(sku) === quantity)
}

const stockGone = (short: string[]) =>
  conflict('stock-gone', 'What was reserved is not there any more', short.length > 0 ? short.join(', ') : undefined)

const changedByOthers = (orderId: string) =>
  unavailable('The reservation', 1, new Error(`${orderId} was changed by others ${ATTEMPTS} times`))
