import { serviceConfig } from '@bulkhead/chassis/config'
import * as z from 'zod'

/** What inventory reads from its environment. */
export const inventoryConfig = serviceConfig.extend({
  MONGODB_URL: z.url(),
  EVENT_LOG_URL: z.url(),
  CATALOG_URL: z.url(),
  SERVICE_TOKENS_DIR: z.string().min(1),
  /** Far longer than an order lives, even with clocks ten minutes apart. */
  HOLD_MINUTES: z.coerce.number().int().min(1).max(1_440).default(60)
})
