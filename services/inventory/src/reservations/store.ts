import { tryInsert } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Line, ReservationState } from './schemas.ts'

/**
 * The reservation of the order `_id`. `take` counts how often the reservation was held; each hold has the take that made it. After the
 * commit, the lines name the holds that leave.
 */
export type Reservation = {
  _id: string
  schemaVersion: 1
  state: ReservationState
  take: number
  lines: (Line & { holdId?: string })[]
  /** SKUs with too few pieces. */
  short?: string[]
  /** SKUs of which the network would hold too many unpaid pieces. */
  limited?: string[]
  /** The SKU for which a newer order of the buyer replaced this one. */
  replaced?: string[]
  createdAt: Date
  expiresAt: Date
  /** The time of the last rejection, release or commit. */
  endedAt?: Date
}

/** Queries of the reservations, one document each. A function that writes makes one write, and returns true if its condition was met. */
export type ReservationStore = {
  byId(orderId: string): Promise<Reservation | null>
  /** Returns the existing reservations, in any order. */
  byIds(orderIds: string[]): Promise<Reservation[]>
  /** Returns up to `limit` reservations after an order's ID, sorted by ID. */
  after(orderId: string, state: ReservationState | undefined, limit: number): Promise<Reservation[]>
  countHeld(): Promise<number>
  /** Returns up to `limit` held reservations that have expired. */
  expired(now: Date, limit: number): Promise<Reservation[]>
  /** Inserts a reservation. Returns false if the order already has one. */
  insert(reservation: Reservation): Promise<boolean>
  /** Changes a reservation if its state and its take are those of `before`. */
  move(before: Reservation, change: Partial<Omit<Reservation, '_id'>>): Promise<boolean>
}

export async function reservationStore(db: Db): Promise<ReservationStore> {
  const reservations = db.collection<Reservation>('reservations', { ignoreUndefined: true })
  await reservations.createIndex({ state: 1, _id: 1 })

  return {
    byId: orderId => reservations.findOne({ _id: orderId }),

    byIds: orderIds => reservations.find({ _id: { $in: orderIds } }).toArray(),

    after: (orderId, state, limit) =>
      reservations
        .find({ _id: { $gt: orderId }, state })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),

    countHeld: () => reservations.countDocuments({ state: 'held' }),

    expired: (now, limit) =>
      reservations
        .find({ state: 'held', expiresAt: { $lte: now } })
        .limit(limit)
        .toArray(),

    insert: reservation => tryInsert(reservations.insertOne(reservation)),

    async move({ _id, state, take }, change) {
      return (await reservations.updateOne({ _id, state, take }, { $set: change })).matchedCount === 1
    }
  }
}
