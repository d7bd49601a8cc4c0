import type { Clock, Context } from '../core/index.ts'

type Options = {
  /** Milliseconds that the whole may take, further attempts included; less where the request's own deadline is nearer. */
  timeout: number
  context: Context
  clock: Clock
  /** What the answer is then without, for the log: `A cart is shown without prices`. */
  warning: string
}

/** What a call to another service is given beside its input. */
type Asking = Pick<Context, 'requestId' | 'traceparent' | 'deadline'>

/**
 * Asks another service for what an answer can do without. Undefined, with a warning, where `ask` fails in any way: the service is
 * away, slow, or answers what can't be used. What is made of its answer belongs into `ask`, too.
 */
export async function callOptional<T>(ask: (asking: Asking) => Promise<T>, options: Options): Promise<T | undefined> {
  const { timeout, context, clock, warning } = options
  const { requestId, traceparent, deadline } = context
  try {
    return await ask({ requestId, traceparent, deadline: Math.min(deadline, clock.now().getTime() + timeout) })
  } catch (error) {
    context.log.warn({ err: error, cause: (error as Error).cause }, warning)
    return undefined
  }
}
