export { traceAttempt } from './attempt-span.ts'
export { readText } from './bounded-body.ts'
export { type Client, client } from './client.ts'
export {
  type ClientMetrics,
  clientMetrics,
  clientMetricsOf,
  enterQueue,
  expectRetries,
  limitMetrics
} from './client-metrics.ts'
export {
  type ClientLimits,
  ConnectionFailed,
  defaultLimits,
  idleTimeouts,
  isRejection,
  type RetryBudget,
  requestError,
  retryBudget,
  TimedOut
} from './client-policy.ts'
export { type CallContext, newCallContext } from './client-request.ts'
export { type Guard, guard } from './guard.ts'
export { callOptional } from './optional-call.ts'
export { ShareFull, shares } from './shares.ts'
