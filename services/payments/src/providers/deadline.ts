import type { Clock, Context } from '@bulkhead/chassis/core'

/** Milliseconds that a request waits for the provider. */
export const PROVIDER_MS = 3_000
/** Milliseconds that are left then to write down what it said, and to answer. */
const REST_MS = 250

/** The request's context with a deadline that leaves time to answer. */
export const leavingTime = (context: Context, clock: Clock) => ({
  requestId: context.requestId,
  traceparent: context.traceparent,
  deadline: Math.min(context.deadline - REST_MS, clock.now().getTime() + PROVIDER_MS)
})
