import { type Clock, newId } from '@bulkhead/chassis/core'
import type { WebhookBehaviour } from './schemas.ts'

/** A webhook that waits in its payment. `at` is when it was made, `due` when to send it, `attempts` how often it was sent. */
export type Webhook = { id: string; type: string; at: string; due: string; attempts: number }

/** A webhook that was sent, and when to send it again. `retryAt` is undefined if that is not needed. */
export type Delivery = { webhook: Webhook; retryAt: string | undefined }

/** How many webhooks of one payment can wait. More are dropped: the merchant reconciles anyway. */
export const MOST_WAITING = 50

const SHUFFLE_MS = 2_000

/** The longest time between making a webhook and sending it, in milliseconds. */
export const longestDelay = ({ delayMs }: WebhookBehaviour) => delayMs + SHUFFLE_MS

/** The copies of the webhook of one change. There are none if it gets lost. */
export function newWebhooks(
  type: string,
  { delayMs, copies, shuffle, lose }: WebhookBehaviour,
  clock: Clock
): Webhook[] {
  if (Math.random() < lose) return []
  const now = clock.now()
  const webhook = { id: newId('evt', clock), type, at: now.toISOString(), attempts: 0 }
  return Array.from({ length: copies }, () => {
    const delay = delayMs + (shuffle ? Math.random() * SHUFFLE_MS : 0)
    return { ...webhook, due: new Date(now.getTime() + delay).toISOString() }
  })
}

/** The webhooks that still wait after these deliveries, with those added meanwhile. */
export const stillWaiting = (webhooks: Webhook[], deliveries: Delivery[]): Webhook[] =>
  webhooks.flatMap(webhook => {
    // The copies of a webhook share their ID.
    const delivery = deliveries.find(({ webhook: sent }) => sent.id === webhook.id && sent.due === webhook.due)
    if (!delivery) return [webhook]
    const { retryAt } = delivery
    return retryAt === undefined ? [] : [{ ...webhook, due: retryAt, attempts: webhook.attempts + 1 }]
  })

/** When the first webhook is due; undefined if none waits. */
export const firstDue = (webhooks: Webhook[]): string | undefined => webhooks.map(({ due }) => due).sort()[0]
