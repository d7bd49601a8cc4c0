import { buffer } from 'node:stream/consumers'
import { operations } from '@bulkhead/chassis/http'
import { Counter, type Registry } from 'prom-client'
import { receiveWebhook } from '../payments/operations.ts'
import type { Ground } from '../payments/settlement.ts'
import { receive } from './receipt.ts'

export function webhookRoutes(ground: Ground, registry: Registry) {
  const outcomes = new Counter({
    name: 'payments_webhooks_total',
    help: 'Webhooks by outcome: applied, known (the book said so already), unknown (of no payment of ours), refused',
    labelNames: ['outcome'],
    registers: [registry]
  })
  return operations().handle(receiveWebhook, async ({ params, upload, header, context }) => {
    const body = await buffer(upload)
    try {
      const outcome = await receive(params.provider, body, header('stripe-signature'), ground, context)
      outcomes.inc({ outcome })
    } catch (error) {
      outcomes.inc({ outcome: 'refused' })
      throw error
    }
    return { status: 204 }
  }).router
}
