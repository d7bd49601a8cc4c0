import { createHmac } from 'node:crypto'
import { type Clock, newId } from '@bulkhead/chassis/core'
import type { StoredPayment } from './payment.ts'
import type { WebhookBehaviour } from './schemas.ts'

/** A webhook in the document of its payment: sent when it is due, and removed when it is taken. */
export type Webhook = { id: string; type: string; at: string; due: string; attempts: number }

/** Webhooks of one payment that wait at a time. At the limit new ones are dropped: the merchant reconciles. */
export const MOST_WAITING = 50
const SHUFFLE_MS = 2_000

/** Milliseconds that a new webhook waits at most. */
export const longestWait = ({ delayMs }: WebhookBehaviour) => delayMs + SHUFFLE_MS

/** What is to be sent of a change from `before`; none where nothing changed. */
export function webhooksOf(
  before: StoredPayment | undefined,
  after: StoredPayment,
  { delayMs, copies, shuffle, lose }: WebhookBehaviour,
  clock: Clock
): Webhook[] {
  const type = after.refunds.length > (before?.refunds.length ?? 0) ? 'payment.refunded' : `payment.${after.state}`
  if (Math.random() < lose) return []
  const now = clock.now()
  const webhook = { id: newId('evt', clock), type, at: now.toISOString(), attempts: 0 }
  return Array.from({ length: copies }, () => {
    const wait = delayMs + (shuffle ? Math.random() * SHUFFLE_MS : 0)
    return { ...webhook, due: new Date(now.getTime() + wait).toISOString() }
  })
}

/** The payment with these webhooks waiting, up to the limit. */
export const waiting = (payment: StoredPayment, webhooks: Webhook[]): StoredPayment => ({
  ...payment,
  webhooks: webhooks.slice(0, MOST_WAITING)
})

/** When the next webhook of a payment is due; undefined where none waits. */
export const firstDue = ({ webhooks }: StoredPayment): string | undefined => webhooks.map(({ due }) => due).sort()[0]

/** The body of a webhook. It tells of whom, and that something happened; what, is to be asked. */
export const webhookBody = ({ id, type, at }: Webhook, payment: StoredPayment) => ({
  id,
  type,
  createdAt: at,
  data: { id: payment.id, reference: payment.reference }
})

/** The header `Stripe-Signature` in Stripe's scheme: the time in seconds, and HMAC-SHA256 over that time, a dot and the body. */
export function signature(body: string, secret: string, now: Date): string {
  const t = Math.floor(now.getTime() / 1000)
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`
}
