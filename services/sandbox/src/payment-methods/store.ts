import type { Redis } from 'ioredis'
import { keys } from '../keys.ts'
import type { CardBehaviour } from './cards.ts'
import type { PaymentMethod } from './schemas.ts'

type StoredPaymentMethod = PaymentMethod & { behaviour: CardBehaviour }

export type PaymentMethods = {
  /** Stores a payment method for a day. */
  add(method: StoredPaymentMethod): Promise<void>
  byId(id: string): Promise<StoredPaymentMethod | null>
}

/** How long a payment method is kept (ms). Real providers also forget a payment method that is never attached to a customer. */
const KEPT_MS = 24 * 3_600_000

export const paymentMethodStore = (redis: Redis): PaymentMethods => ({
  async add(method) {
    await redis.set(keys.paymentMethod(method.id), JSON.stringify(method), 'PX', KEPT_MS)
  },
  async byId(id) {
    const text = await redis.get(keys.paymentMethod(id))
    return text === null ? null : (JSON.parse(text) as StoredPaymentMethod)
  }
})
