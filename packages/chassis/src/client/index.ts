export { readText } from './bounded-body.ts'
export { type Client, client } from './client.ts'
export { type ClientMetrics, clientMetricsOf, enterQueue } from './client-metrics.ts'
export {
  type ClientLimits,
  ConnectionFailed,
  defaultLimits,
  failureOf,
  idleFor,
  isRejection,
  retryBudget,
  TimedOut
} from './client-policy.ts'
export { type CallContext, newCallContext } from './client-request.ts'
export { type Guard, guard } from './guard.ts'
export { orWithout } from './or-without.ts'
export { ShareTaken, shares } from './shares.ts'
