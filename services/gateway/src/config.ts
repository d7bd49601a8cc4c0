import { processConfig } from '@bulkhead/chassis/config'
import * as z from 'zod'

/** What gateway reads from its environment. */
export const gatewayConfig = processConfig.extend({
  /** A JSON file with the address of each service by name, read again and again. */
  UPSTREAMS_FILE: z.string().min(1),
  PEOPLE_ISSUER: z.string().min(1),
  PEOPLE_JWKS: z.url(),
  SERVICES_ISSUER: z.string().min(1),
  SERVICES_JWKS: z.url(),
  SERVICES_NAMESPACE: z.string().min(1)
})
