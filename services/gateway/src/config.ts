import { serviceConfig } from '@bulkhead/chassis/core'
import * as z from 'zod'

const perSecond = z.coerce.number().min(0.1).max(1_000_000)
const openStreams = z.coerce.number().int().min(1).max(100_000)

/** What gateway reads from its environment. */
export const gatewayConfig = serviceConfig.extend({
  /** A JSON file with the address of each service by name, read again and again. */
  UPSTREAMS_FILE: z.string().min(1),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  /** Requests a second of one address, and of one account, over all replicas. Twice as many may come at once. */
  RATE_LIMIT_CLIENT: perSecond.default(200),
  RATE_LIMIT_ACCOUNT: perSecond.default(100),
  /** The limits of operations that the contracts name are multiplied by this, for load tests that come from one address. */
  OPERATION_LIMIT_FACTOR: z.coerce.number().min(0.1).max(1_000_000).default(1),
  /** Streams of events that may be open of one service, and of those by one client: an address, or an account. At each replica. */
  STREAM_LIMIT_SERVICE: openStreams.default(500),
  STREAM_LIMIT_CLIENT: openStreams.default(20),
  /** How many proxies before the gateway add to X-Forwarded-For. With 0 the header is not believed. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /**
   * Whether a proxy before the gateway overwrites the `traceparent` and `x-request-id` of clients with its own: the gateway continues them
   * then. A proxy that only passes a client's on would let anyone join another's trace.
   */
  PROXY_STARTS_TRACES: z.stringbool().default(false),
  /** The origins whose pages may call the API, with commas between them. */
  ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform(text => text.split(',').filter(Boolean))
    .pipe(z.array(z.url()))
})
