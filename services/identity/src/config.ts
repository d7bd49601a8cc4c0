import { serviceConfig } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** What identity reads from its environment. */
export const identityConfig = serviceConfig.extend({
  MONGODB_URL: z.url(),
  EVENT_LOG_URL: z.url(),
  /** What the keys that sign are closed with in the store. */
  SIGNING_KEYS_SECRET: z.string().min(32),
  /** How many passwords are worked on at the same time, a thread and 19 MiB each, and how many more may wait. */
  PASSWORD_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
  PASSWORD_QUEUE: z.coerce.number().int().min(0).max(10_000).default(32),
  /** Accounts that are to be there: a JSON file. */
  BOOTSTRAP_ACCOUNTS_FILE: z.string().min(1).optional()
})
