import { serviceConfig } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** What catalog reads from its environment. */
export const catalogConfig = serviceConfig.extend({ MONGODB_URL: z.url(), EVENT_LOG_URL: z.url() })
