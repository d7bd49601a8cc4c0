import { serviceConfig } from '@bulkhead/chassis/config'
import * as z from 'zod'

/** What inventory reads from its environment. */
export const inventoryConfig = serviceConfig.extend({
  MONGODB_URL: z.url(),
  /** Far longer than an order lives, even with clocks ten minutes apart. */
  HOLD_MINUTES: z.coerce.number().int().min(1).max(1_440).default(60)
})
