import { serviceConfig } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { PER_NETWORK } from './limits.ts'

const carts = z.coerce.number().int().min(1).max(1_000_000)

/** What cart reads from its environment. */
export const cartConfig = serviceConfig.extend({
  REDIS_URL: z.url(),
  /** Guests' carts of one network at most: those that never had a line, and all. */
  EMPTY_CARTS_PER_NETWORK: carts.default(PER_NETWORK.empty),
  GUEST_CARTS_PER_NETWORK: carts.default(PER_NETWORK.all),
  EVENT_LOG_URL: z.url(),
  CATALOG_URL: z.url(),
  IDENTITY_URL: z.url(),
  SERVICE_TOKENS_DIR: z.string().min(1)
})
