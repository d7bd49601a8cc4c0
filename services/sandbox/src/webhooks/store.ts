import type { Redis } from 'ioredis'
import { keys } from '../keys.ts'
import { type WebhookBehaviour, webhookBehaviour } from './schemas.ts'

export type WebhookBehaviourStore = {
  /** The behaviour, up to a second old: another replica may have changed it since. */
  read(): Promise<WebhookBehaviour>
  write(behaviour: WebhookBehaviour): Promise<void>
}

/** How long a read is kept (ms), because each change of a payment needs the behaviour. */
const CACHED_MS = 1_000

export function webhookBehaviourStore(redis: Redis): WebhookBehaviourStore {
  let cached: { behaviour: WebhookBehaviour; until: number } | undefined
  return {
    async read() {
      if (cached && performance.now() < cached.until) return cached.behaviour
      const behaviour = webhookBehaviour.parse(JSON.parse((await redis.get(keys.webhookBehaviour)) ?? '{}'))
      cached = { behaviour, until: performance.now() + CACHED_MS }
      return behaviour
    },
    async write(behaviour) {
      await redis.set(keys.webhookBehaviour, JSON.stringify(behaviour))
      cached = undefined
    }
  }
}
