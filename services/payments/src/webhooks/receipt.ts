import { type Context, notFound, unavailable } from '@bulkhead/chassis/core'
import { isCaptured } from '../payments/schemas.ts'
import { type Dependencies, settle } from '../payments/settlement.ts'
import type { PaymentRecord } from '../payments/store.ts'
import { providerContext, type WebhookHint } from '../providers/provider.ts'

/** How long the answer to our own request may take (ms). A webhook that arrives before this answer must be sent again. */
const OWN_REQUEST_MS = 5_000

/** A webhook as it arrived: the provider in the path, the bytes of the body, and the header with the signature. */
type Webhook = { provider: string; body: Buffer; signature: string | undefined }

type Outcome = 'unknown' | 'known' | 'applied'

/**
 * Treats a webhook as a hint: if the record has a different state, asks the provider for the payment. So webhooks may be lost, late,
 * repeated or out of order. Throws a 404 for another provider, and a 503 if the webhook must be sent again.
 */
export async function takeWebhook(webhook: Webhook, dependencies: Dependencies, context: Context): Promise<Outcome> {
  const { payments, provider, clock } = dependencies
  if (webhook.provider !== provider.name) throw notFound('There is no such provider here')
  const hint = provider.parseWebhook(webhook.body, webhook.signature, clock.now())
  if (hint.reference === undefined) return 'unknown'
  const record = await payments.byId(hint.reference)
  if (!record) return 'unknown'
  if (isKnown(record.state, hint)) return 'known'
  const age = clock.now().getTime() - record.createdAt.getTime()
  if (record.state === 'authorising' && age < OWN_REQUEST_MS) throw unavailable('The payment', 1)
  const remote = await provider.get(record, providerContext(context, clock))
  if (remote) await settle(record, remote, 'event', dependencies, context)
  return 'applied'
}

/** Returns true if the record is in the state that the webhook reports, or in a later state. */
function isKnown(state: PaymentRecord['state'], hint: WebhookHint) {
  if (hint.state === undefined) return false
  return hint.state === state || (isCaptured(state) && hint.state !== 'voided' && hint.state !== 'declined')
}
