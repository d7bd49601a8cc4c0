import type { MadeBy } from '@bulkhead/chassis/contract'

/** The hash tag of all keys. It puts all keys into one slot, because a script can only use the keys of one slot. */
const TAG = '{sandbox}'

/** All keys of the sandbox's Redis. */
export const keys = {
  /** The key of a payment, as JSON. */
  payment: (id: string) => `${TAG}:payment:${id}`,
  /** The key of the sorted set of all payments, in the order of their last change. */
  allPayments: `${TAG}:payments`,
  /** The key of the sorted set of the payments with one reference, in the same order. */
  paymentsByReference: (reference: string) => `${TAG}:payments:${reference}`,
  /** The key of the payment that a request made, as JSON. */
  request: ({ key }: MadeBy) => `${TAG}:request:${key}`,
  /** The key of the number of failures of a request with the card for errors. */
  failures: ({ key }: MadeBy) => `${TAG}:failures:${key}`,
  /** The key of a payment method, as JSON. */
  paymentMethod: (id: string) => `${TAG}:method:${id}`,
  /** The key of the sorted set of payments with waiting webhooks, sorted by the time at which the next webhook is due. */
  dueWebhooks: `${TAG}:due`,
  /** The key of the behaviour of webhooks, as JSON. */
  webhookBehaviour: `${TAG}:webhook-behaviour`,
  /** The key of the lease of the replica that delivers webhooks. */
  webhookDelivery: `${TAG}:delivery`
}
