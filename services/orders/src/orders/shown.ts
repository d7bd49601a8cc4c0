import { fieldsOf } from '@bulkhead/chassis/http'
import type { Versioned } from '@bulkhead/chassis/mongo'
import type { StoredOrder } from '../lifecycle/transitions.ts'
import { type Order, order, type PlacedOrder } from './schemas.ts'

const ofOrder = fieldsOf(order)

/** An order as the API shows it: without what only its driver needs. */
export const shownOrder = (stored: Versioned<StoredOrder>): Order => ({
  ...ofOrder(stored),
  history: stored.history.map(entry => ({ ...entry, at: entry.at.toISOString() })),
  refunds: stored.refunds.map(refund => ({ ...refund, at: refund.at.toISOString() })),
  placedAt: stored.placedAt.toISOString()
})

/** The same for whoever placed it: with the secret, if it has one. */
export const shownToPlacer = (stored: Versioned<StoredOrder>): PlacedOrder => {
  const shown = shownOrder(stored)
  return stored.secret === undefined ? shown : { ...shown, secret: stored.secret }
}
