import { isDuplicateKey } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Line, ReservationState } from './schemas.ts'

/**
 * The reservation of the order `_id`. `take` counts how often it was held: a hold in a stock's document is of one take. Committed,
 * its lines name the very holds that leave.
 */
export type Reservation = {
  _id: string
  schemaVersion: 1
  state: ReservationState
  take: number
  lines: (Line & { holdId?: string })[]
  /** The SKUs for which it was rejected: too few pieces, or too many that its network holds unpaid. */
  short?: string[]
  limited?: string[]
  /** The SKU for which a newer order of its buyer took its place. */
  replaced?: string[]
  createdAt: Date
  expiresAt: Date
  /** When it came to its state, where that is not `held`. */
  endedAt?: Date
}

export type ReservationStore = Awaited<ReturnType<typeof reservationStore>>

/** The reservations, each one document. Each function that writes is one write, and true where it was done. */
export async function reservationStore(db: Db) {
  const reservations = db.collection<Reservation>('reservations', { ignoreUndefined: true })
  await reservations.createIndex({ state: 1, _id: 1 })

  return {
    byId: (orderId: string) => reservations.findOne({ _id: orderId }),

    /** Those that exist, in any order. */
    byIds: (orderIds: string[]) => reservations.find({ _id: { $in: orderIds } }).toArray(),

    /** Up to `limit` of them after an order's ID, in the order of IDs. */
    after: (orderId: string, state: ReservationState | undefined, limit: number) =>
      reservations
        .find({ _id: { $gt: orderId }, ...(state && { state }) })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),

    countHeld: () => reservations.countDocuments({ state: 'held' }),

    /** Up to `limit` of those that are held beyond their time. */
    expired: (now: Date, limit: number) =>
      reservations
        .find({ state: 'held', expiresAt: { $lte: now } })
        .limit(limit)
        .toArray(),

    /** False where the order has one already. */
    async insert(reservation: Reservation) {
      try {
        await reservations.insertOne(reservation)
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    /** Changes a reservation whose state and take are still those of `before`. */
    async move({ _id, state, take }: Reservation, after: Partial<Omit<Reservation, '_id'>>) {
      return (await reservations.updateOne({ _id, state, take }, { $set: after })).matchedCount === 1
    }
  }
}
