import type { Redis } from 'ioredis'
import { keys } from '../keys.ts'
import { type WebhookBehaviour, webhookBehaviour } from './schemas.ts'

export type WebhookBehaviourStore = {
  read(): Promise<WebhookBehaviour>
  write(behaviour: WebhookBehaviour): Promise<void>
}

export const webhookBehaviourStore = (redis: Redis): WebhookBehaviourStore => ({
  async read() {
    return webhookBehaviour.parse(JSON.parse((await redis.get(keys.webhookBehaviour)) ?? '{}'))
  },
  async write(behaviour) {
    await redis.set(keys.webhookBehaviour, JSON.stringify(behaviour))
  }
})
