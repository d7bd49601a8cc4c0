import { type Clock, conflict, orNotFound, tooContended, WRITE_ATTEMPTS } from '@bulkhead/chassis/core'
import type { Hold, Holder } from '../stock/store.ts'
import { fateOf } from './fate.ts'
import type { Claim, Holds, HoldsBySku } from './holds.ts'
import type { ReservationMetrics } from './metrics.ts'
import type { Refusal } from './refusals.ts'
import type { Line } from './schemas.ts'
import type { Reservation, ReservationStore } from './store.ts'

type Deps = {
  reservations: ReservationStore
  holds: Holds
  clock: Clock
  /** How long a reservation is held before it expires (ms). */
  life: number
  metrics: ReservationMetrics
}

export type ReservationLifecycle = {
  /** Holds all lines or none. Returns the current reservation if the order has one; throws a 409 if that reservation has other lines. */
  reserve(orderId: string, lines: Line[], holder?: Holder): Promise<Reservation>
  /** Releases the held pieces, and refuses a reservation that comes later. Throws a 409 after the commit. */
  release(orderId: string): Promise<Reservation>
  /**
   * Lets the pieces leave, and takes them again if they were released. Throws a 404 without a reservation, and a 409 if there are too few
   * pieces.
   */
  commit(orderId: string): Promise<Reservation>
  /** Releases up to `limit` expired reservations. */
  expire(limit: number): Promise<void>
}

/**
 * Reserves several SKUs without a transaction. The document of the reservation always decides, and is always changed first. `reserve`
 * inserts the document as `held`, places a hold in each document of stock, and reads the reservation again. It answers `held` only if the
 * reservation still is. The end of a reservation changes its document first and settles the holds afterwards. After a kill, the next
 * request for the order or the sweep settles the holds.
 */
export function reservationLifecycle(deps: Deps): ReservationLifecycle {
  const { reservations, holds, clock, life, metrics } = deps
  const newExpiry = () => new Date(clock.now().getTime() + life)

  const newReservation = (orderId: string, state: Reservation['state'], lines: Line[]): Reservation => ({
    _id: orderId,
    schemaVersion: 1,
    state,
    take: 1,
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
    createdAt: clock.now(),
    expiresAt: newExpiry()
  })

  /** Ends a held reservation and settles its holds. Returns undefined if another request changed it first. */
  async function end(before: Reservation, state: 'rejected' | 'released', refusal?: Refusal) {
    const ended = { state, endedAt: clock.now() }
    const change = refusal ? { ...ended, [refusal.reason]: refusal.skus } : ended
    if (!(await reservations.move(before, change))) return undefined
    const after = { ...before, ...change }
    await holds.settleAll(after)
    return after
  }

  /** Rejects a reservation, or releases it for a newer order. Returns undefined if another request changed it first. */
  async function refuse(before: Reservation, refusal: Refusal) {
    const after = await end(before, refusal.reason === 'replaced' ? 'released' : 'rejected', refusal)
    if (after) metrics.countOutcome(refusal.reason === 'short' ? 'rejected' : refusal.reason)
    return after
  }

  /**
   * Releases the reservation of another hold of the same buyer. If that reservation is over, only settles the hold. Returns false if that
   * reservation is newer: then this request repeats an interrupted one. A reservation that is committed in the meantime stays committed.
   */
  async function replace(sku: string, hold: Hold, { createdAt }: Reservation, isNew: boolean) {
    const other = orNotFound(await reservations.byId(hold.orderId))
    if (fateOf(hold, sku, other) !== 'stays') await holds.settle(sku, hold, other)
    // A new request counts as the latest, whatever the clocks say.
    else if (!isNew && other.createdAt > createdAt) return false
    else await refuse(other, { reason: 'replaced', skus: [sku] })
    return true
  }

  async function reserve(orderId: string, lines: Line[], holder: Holder = {}) {
    const created = newReservation(orderId, 'held', lines)
    if (await reservations.insert(created)) return hold(created, holder, true)
    const present = orNotFound(await reservations.byId(orderId))
    if (isTombstone(present)) return present
    if (!hasLines(present, lines)) throw conflict('reservation-differs', 'The order has a reservation with other lines')
    if (present.state === 'held') return hold(present, holder, false)
    await holds.settleAll(present)
    return present
  }

  /** Places the holds of a `held` reservation, or refuses it. */
  async function hold(before: Reservation, holder: Holder, isNew: boolean) {
    const claim: Claim = { ...holder, replace: (sku, other) => replace(sku, other, before, isNew) }
    const placed = isNew ? new Map() : await holds.findPlaced(before)
    const { refusal } = await holds.place(before, placed, claim)
    const refused = refusal && (await refuse(before, refusal))
    if (refused) return refused
    const after = orNotFound(await reservations.byId(before._id))
    if (after.state !== 'held' || after.take !== before.take) {
      // Another request ended the reservation, and did not see the holds that were placed since.
      await holds.settleAll(after)
      return after
    }
    if (isNew) metrics.countOutcome('held')
    return after
  }

  async function release(orderId: string) {
    for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
      const before = await reservations.byId(orderId)
      if (!before) {
        const tombstone = { ...newReservation(orderId, 'released', []), endedAt: clock.now() }
        if (await reservations.insert(tombstone)) return tombstone
        continue
      }
      if (before.state === 'committed') throw conflict('reservation-committed', 'The reserved pieces have left')
      if (before.state !== 'held') {
        await holds.settleAll(before)
        return before
      }
      const after = await end(before, 'released')
      if (!after) continue
      metrics.countOutcome('released')
      return after
    }
    throw tooContended('The reservation', orderId)
  }

  async function commit(orderId: string) {
    for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
      const after = await tryCommit(orNotFound(await reservations.byId(orderId)))
      if (after) return after
    }
    throw tooContended('The reservation', orderId)
  }

  /** Makes one attempt of a commit. Returns undefined if the caller must try again. */
  async function tryCommit(before: Reservation) {
    if (before.state === 'committed') {
      await holds.settleAll(before)
      return before
    }
    if (isTombstone(before)) throw stockGone([])
    if (before.state !== 'held') {
      await reservations.move(before, { state: 'held', take: before.take + 1, expiresAt: newExpiry() })
      return undefined
    }
    const { holds: held, refusal } = await holds.place(before, await holds.findPlaced(before))
    if (!refusal) return letLeave(before, held)
    if (await end(before, 'released')) throw stockGone(refusal.skus)
    return undefined
  }

  /** Commits a reservation whose holds are all placed. Returns undefined if another request changed it first. */
  async function letLeave(before: Reservation, held: HoldsBySku) {
    const lines = before.lines.map(line => ({ ...line, holdId: held.get(line.sku)!.id }))
    const change = { state: 'committed' as const, lines, endedAt: clock.now() }
    if (!(await reservations.move(before, change))) return undefined
    const after = { ...before, ...change }
    await Promise.all([...held].map(([sku, hold]) => holds.settle(sku, hold, after)))
    metrics.countOutcome('committed')
    return after
  }

  async function expire(limit: number) {
    for (const before of await reservations.expired(clock.now(), limit))
      if (await end(before, 'released')) metrics.countOutcome('expired')
  }

  return { reserve, release, commit, expire }
}

/** Returns true for a release that came before its reservation. */
const isTombstone = ({ lines }: Reservation) => lines.length === 0

function hasLines({ lines: present }: Reservation, lines: Line[]) {
  const quantities = new Map(present.map(({ sku, quantity }) => [sku, quantity]))
  return present.length === lines.length && lines.every(({ sku, quantity }) => quantities.get(sku) === quantity)
}

const stockGone = (short: string[]) =>
  conflict('stock-gone', 'The reserved pieces are gone', short.length > 0 ? short.join(', ') : undefined)
