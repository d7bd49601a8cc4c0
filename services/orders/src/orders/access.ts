import { type Caller, customerOf, isSameSecret, isStaff } from '@bulkhead/chassis/core'
import type { StoredOrder } from './store.ts'

/** The request header with the secret of a guest's order. */
export const SECRET_HEADER = 'order-secret'

type Attempt = { caller: Caller; secret: string | undefined; now: Date }

/** Returns true if the caller may see and change the order: staff, its customer, and anyone who sends the secret of a guest's order. */
export function canOpen(order: StoredOrder, { caller, secret, now }: Attempt): boolean {
  if (isStaff(caller)) return true
  if (order.customer !== undefined) return order.customer === customerOf(caller)
  // The order was placed by a release without secrets. Its guest has only the ID to follow the payment.
  if (order.secret === undefined) return now < order.expiresAt
  return secret !== undefined && isSameSecret(secret, order.secret)
}
