import type { StoredPayment } from '../payments/store.ts'
import type { ProviderPayment } from '../providers/provider.ts'

/**
 * A movement of money at the provider. Its ID is derived from the IDs of the payment and the refund, so the same movement always has the
 * same ID.
 */
export type Movement = { id: string; paymentId: string; kind: 'capture' | 'refund'; currency: string; amount: number }

export type Leg = { account: string; amount: number }

/** `provider`: money that the provider owes us. `sales`: money that customers paid us. */
const ACCOUNTS = { provider: 'provider-receivable', sales: 'customer-payments' }

/** Returns both legs of a movement. Their sum is 0. */
export function legsOf({ kind, amount }: Pick<Movement, 'kind' | 'amount'>): [Leg, Leg] {
  const sum = kind === 'capture' ? amount : -amount
  return [
    { account: ACCOUNTS.provider, amount: sum },
    { account: ACCOUNTS.sales, amount: -sum }
  ]
}

/** Returns the movements at the provider that are not in the record yet. */
export function movementsOf(payment: StoredPayment, remote: ProviderPayment): Movement[] {
  if (remote.captured === 0) return []
  const { id: paymentId, amount: authorised } = payment
  const { currency } = authorised!
  const done = new Set(payment.refunds.filter(({ state }) => state === 'done').map(({ id }) => id))
  const movements: Movement[] = []
  if (payment.captured === 0)
    movements.push({ id: `${paymentId}.capture`, paymentId, kind: 'capture', currency, amount: remote.captured })
  for (const { id, amount } of remote.refunds)
    if (!done.has(id)) movements.push({ id: `${paymentId}.${id}`, paymentId, kind: 'refund', currency, amount })
  return movements
}
