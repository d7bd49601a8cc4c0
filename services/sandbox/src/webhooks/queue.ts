import { type Clock, newId } from '@bulkhead/chassis/core'
import type { WebhookBehaviour } from './schemas.ts'

/** A webhook that waits in its payment. `at` is the time of its creation, `due` the time to send it, `attempts` how often it was sent. */
export type Webhook = { id: string; type: string; at: string; due: string; attempts: number }

/** A webhook that was sent, and the time to send it again. `retryAt` is undefined if the webhook need not be sent again. */
export type Delivery = { webhook: Webhook; retryAt: string | undefined }

/** Maximum number of waiting webhooks of one payment. Further webhooks are dropped, because the merchant reconciles anyway. */
export const MOST_WAITING = 50

const SHUFFLE_MS = 2_000

/** Returns the longest time between making a webhook and sending it (ms). */
export const longestDelay = ({ delayMs }: WebhookBehaviour) => delayMs + SHUFFLE_MS

/** Returns the copies of the webhook for one change. There are no copies if the webhook gets lost. */
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

/** Returns the webhooks that still wait after these deliveries, including those added in the meantime. */
export const stillWaiting = (webhooks: Webhook[], deliveries: Delivery[]): Webhook[] =>
  webhooks.flatMap(webhook => {
    // The copies of a webhook share their ID.
    const delivery = deliveries.find(({ webhook: sent }) => sent.id === webhook.id && sent.due === webhook.due)
    if (!delivery) return [webhook]
    const { retryAt } = delivery
    return retryAt === undefined ? [] : [{ ...webhook, due: retryAt, attempts: webhook.attempts + 1 }]
  })

/** Returns the time at which the first webhook is due; undefined if no webhook waits. */
export const firstDue = (webhooks: Webhook[]): string | undefined => webhooks.map(({ due }) => due).sort()[0]
