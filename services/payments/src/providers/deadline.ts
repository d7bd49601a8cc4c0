import type { CallContext } from '@bulkhead/chassis/client'
import type { Clock, Context } from '@bulkhead/chassis/core'

/** How long a request waits for the provider (ms). */
export const PROVIDER_MS = 3_000
/** The time kept to write down the result and to answer (ms). */
const REST_MS = 250

/** The request's context for a call of the provider, with a deadline that leaves time to answer. */
export const providerContext = ({ requestId, traceparent, deadline }: Context, clock: Clock): CallContext => ({
  requestId,
  traceparent,
  deadline: Math.min(deadline - REST_MS, clock.now().getTime() + PROVIDER_MS)
})
