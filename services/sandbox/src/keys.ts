import type { MadeBy } from '@bulkhead/chassis/contract'

/** The hash tag of all keys: it puts them into one slot, so that one script may use several of them. */
const TAG = '{sandbox}'

/** All keys of the sandbox's Redis. */
export const keys = {
  /** A payment, as JSON. */
  payment: (id: string) => `${TAG}:payment:${id}`,
  /** A sorted set of all payments in the order of their last change. */
  allPayments: `${TAG}:payments`,
  /** The same for the payments with one reference. */
  paymentsByReference: (reference: string) => `${TAG}:payments:${reference}`,
  /** The payment that a request made, as JSON. */
  request: ({ key }: MadeBy) => `${TAG}:request:${key}`,
  /** How often a request with the card for errors has failed. */
  failures: ({ key }: MadeBy) => `${TAG}:failures:${key}`,
  /** A payment method, as JSON. */
  paymentMethod: (id: string) => `${TAG}:method:${id}`,
  /** A sorted set of the payments with waiting webhooks, by the time at which the next one is due. */
  dueWebhooks: `${TAG}:due`,
  /** How webhooks are delivered, as JSON. */
  webhookBehaviour: `${TAG}:webhook-behaviour`,
  /** The lease of the replica that delivers webhooks. */
  webhookDelivery: `${TAG}:delivery`
}
