import { buffer } from 'node:stream/consumers'
import { defineCounter, register } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import type { Registry } from 'prom-client'
import type { Dependencies } from '../payments/settlement.ts'
import { receiveWebhook } from './operations.ts'
import { takeWebhook } from './receipt.ts'

const webhooks = defineCounter({
  name: 'payments_webhooks_total',
  help: 'Webhooks by outcome: applied, known (the record had it already), unknown (not a payment of ours), refused',
  labels: { outcome: ['applied', 'known', 'unknown', 'refused'] }
})

/** The metrics of webhooks. */
export const webhookMetrics = [webhooks]

export function webhookRoutes(dependencies: Dependencies, registry: Registry) {
  const outcomes = register(registry, webhooks)
  return operations().handle(receiveWebhook, async ({ params, upload, header, context }) => {
    const body = await buffer(upload)
    const webhook = { provider: params.provider, body, signature: header('stripe-signature') }
    try {
      outcomes.inc({ outcome: await takeWebhook(webhook, dependencies, context) })
    } catch (error) {
      outcomes.inc({ outcome: 'refused' })
      throw error
    }
    return { status: 204 }
  }).router
}
