import { serviceConfig } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** What the service reads from its environment. */
export const config = serviceConfig.extend({ MONGODB_URL: z.url(), EVENT_LOG_URL: z.url() })
