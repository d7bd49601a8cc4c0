import type { Clock, Context } from '../core/index.ts'
import type { CallContext } from './client-request.ts'

type Options = {
  /** The time-out of the whole call with its retries, in milliseconds. The request's own deadline may end the call earlier. */
  timeout: number
  context: Context
  clock: Clock
  /** Logged if the call fails. The text names the part that the answer then lacks, such as `A cart is shown without prices`. */
  warning: string
}

/**
 * Calls another service for a part of an answer that may be missing. Returns undefined and logs a warning if `call` fails for any reason.
 * `call` must contain all work that depends on the other service's answer, so that an unusable answer counts as a failure too.
 */
export async function callOptional<T>(
  call: (callContext: CallContext) => Promise<T>,
  { timeout, context, clock, warning }: Options
): Promise<T | undefined> {
  const { requestId, traceparent, deadline } = context
  try {
    return await call({ requestId, traceparent, deadline: Math.min(deadline, clock.now().getTime() + timeout) })
  } catch (error) {
    context.log.warn({ err: error, cause: (error as Error).cause }, warning)
    return undefined
  }
}
