import type { Versioned } from '@bulkhead/chassis/aggregates'
import { fieldsOf } from '@bulkhead/chassis/answers'
import type { StoredOrder } from './order.ts'
import { type Order, order } from './schemas.ts'

const ofOrder = fieldsOf(order)

/** An order as the API shows it: without what only its driver needs. */
export const shownOrder = (stored: Versioned<StoredOrder>): Order => ({
  ...ofOrder(stored),
  history: stored.history.map(entry => ({ ...entry, at: entry.at.toISOString() })),
  refunds: stored.refunds.map(refund => ({ ...refund, at: refund.at.toISOString() })),
  placedAt: stored.placedAt.toISOString()
})
