import { processConfig } from '@bulkhead/chassis/config'
import * as z from 'zod'

/** What catalog reads from its environment. */
export const catalogConfig = processConfig.extend({
  MONGODB_URL: z.url(),
  EVENT_LOG_URL: z.url(),
  PEOPLE_ISSUER: z.string().min(1),
  PEOPLE_JWKS: z.url(),
  SERVICES_ISSUER: z.string().min(1),
  SERVICES_JWKS: z.url(),
  SERVICES_NAMESPACE: z.string().min(1)
})
