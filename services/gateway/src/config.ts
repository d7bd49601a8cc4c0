import { serviceConfig } from '@bulkhead/chassis/config'
import * as z from 'zod'

/** What gateway reads from its environment. */
export const gatewayConfig = serviceConfig.extend({
  /** A JSON file with the address of each service by name, read again and again. */
  UPSTREAMS_FILE: z.string().min(1)
})
