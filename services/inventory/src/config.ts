import { serviceConfig } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** What inventory reads from its environment. */
export const inventoryConfig = serviceConfig.extend({
  MONGODB_URL: z.url(),
  EVENT_LOG_URL: z.url(),
  CATALOG_URL: z.url(),
  SERVICE_TOKENS_DIR: z.string().min(1),
  /** Far longer than an order lives, even with clocks ten minutes apart. */
  HOLD_MINUTES: z.coerce.number().int().min(1).max(1_440).default(60),
  /** Unpaid holds of one SKU that one network may have. */
  HOLDS_PER_NETWORK: z.coerce.number().int().min(1).max(1_000_000).default(20),
  /** Percent of a SKU's pieces on hand that one network may hold unpaid, where there are more than 10 pieces. */
  HOLDS_NETWORK_PERCENT: z.coerce.number().int().min(1).max(100).default(10)
})
