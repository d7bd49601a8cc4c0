import { randomBytes, timingSafeEqual } from 'node:crypto'
import { type Caller, customerOf, isStaff } from '@bulkhead/chassis/core'
import type { StoredOrder } from '../lifecycle/transitions.ts'

/** The request header with the secret of a guest's order. */
export const SECRET_HEADER = 'order-secret'

/** A new secret of an order: 128 random bits in base64url. */
export const newSecret = () => randomBytes(16).toString('base64url')

/** Who asks for an order, the secret that came along, and when. */
type Asking = { caller: Caller; secret: string | undefined; now: Date }

/** True if the caller may see and move the order: its customer, staff, and for a guest's order anyone who sends its secret. */
export function mayOpen(order: StoredOrder, { caller, secret, now }: Asking): boolean {
  if (isStaff(caller)) return true
  if (order.customer !== undefined) return order.customer === customerOf(caller)
  // A release without secrets placed it, and its guest has nothing but the ID to follow the payment with.
  if (order.secret === undefined) return now < order.expiresAt
  return secret !== undefined && isSame(secret, order.secret)
}

/** Takes the same time wherever the texts differ. */
function isSame(sent: string, kept: string) {
  const [one, other] = [Buffer.from(sent), Buffer.from(kept)]
  return one.length === other.length && timingSafeEqual(one, other)
}
