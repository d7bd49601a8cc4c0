import { serviceConfig } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** What orders reads from its environment. */
export const config = serviceConfig.extend({
  MONGODB_URL: z.url(),
  EVENT_LOG_URL: z.url(),
  CATALOG_URL: z.url(),
  IDENTITY_URL: z.url(),
  INVENTORY_URL: z.url(),
  PAYMENTS_URL: z.url(),
  SERVICE_TOKENS_DIR: z.string().min(1),
  /** In which an order must be paid. Less than inventory holds stock. */
  ORDER_MINUTES: z.coerce.number().min(0.01).max(30).default(15)
})
