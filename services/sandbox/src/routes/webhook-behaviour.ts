import { operations } from '@bulkhead/chassis/http'
import { getWebhookBehaviour, setWebhookBehaviour } from '../operations.ts'
import type { Store } from '../store.ts'

export function webhookBehaviourRoutes(store: Store) {
  return operations()
    .handle(getWebhookBehaviour, async () => ({ status: 200, body: await store.behaviour() }))
    .handle(setWebhookBehaviour, async ({ body }) => {
      await store.setBehaviour(body)
      return { status: 200, body }
    }).router
}
