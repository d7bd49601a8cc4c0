import type { Versioned } from '@bulkhead/chassis/aggregates'
import type { StoredOrder } from './order.ts'
import type { Order } from './schemas.ts'

/** An order as the API shows it: without what only its driver needs. */
export function shownOrder(stored: Versioned<StoredOrder>): Order {
  const { paymentMethod, settled, expiresAt, nextAt, since, attempts, traceparent, ...order } = stored
  return {
    ...order,
    history: order.history.map(entry => ({ ...entry, at: entry.at.toISOString() })),
    refunds: order.refunds.map(refund => ({ ...refund, at: refund.at.toISOString() })),
    placedAt: order.placedAt.toISOString()
  }
}
