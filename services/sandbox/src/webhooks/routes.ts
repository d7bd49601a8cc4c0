import { operations } from '@bulkhead/chassis/http'
import { getWebhookBehaviour, setWebhookBehaviour } from './operations.ts'
import type { WebhookBehaviourStore } from './store.ts'

export function webhookRoutes(behaviour: WebhookBehaviourStore) {
  return operations()
    .handle(getWebhookBehaviour, async () => ({ status: 200, body: await behaviour.read() }))
    .handle(setWebhookBehaviour, async ({ body }) => {
      await behaviour.write(body)
      return { status: 200, body }
    }).router
}
