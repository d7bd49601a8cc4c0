import { serviceConfig } from '@bulkhead/chassis/config'
import * as z from 'zod'

/** What cart reads from its environment. */
export const cartConfig = serviceConfig.extend({
  REDIS_URL: z.url(),
  EVENT_LOG_URL: z.url(),
  CATALOG_URL: z.url(),
  IDENTITY_URL: z.url(),
  SERVICE_TOKENS_DIR: z.string().min(1)
})
