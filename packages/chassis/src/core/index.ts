export { type BackupRecord, backupMetrics, measureBackups } from './backup-metrics.ts'
export { type CacheCounter, cacheCounter, cacheRequests } from './cache-metrics.ts'
export { ANONYMOUS, type Caller, customerOf, isStaff } from './caller.ts'
export { type Clock, systemClock } from './clock.ts'
export {
  BadConfiguration,
  DRAIN_SECONDS,
  EVENT_LOG_CAP,
  issueLines,
  type ProcessConfig,
  readConfig,
  type ServiceConfig,
  serviceConfig
} from './config.ts'
export { pauseAfter, tooContended, WRITE_ATTEMPTS } from './contention.ts'
export {
  type ClaimedIds,
  type Context,
  claimedIds,
  continueTrace,
  deadlineOf,
  isSampled,
  isTraceparent,
  prefixOf,
  requestIdOf,
  traceIdOf
} from './context.ts'
export { type FailureLog, failureLog } from './failure-log.ts'
export { type FaultPoint, noFault } from './fault-points.ts'
export { idSchema, newId, newSecretId, withoutSecretIds } from './ids.ts'
export { type Lease, releaseLease } from './lease.ts'
export { serviceLog } from './log.ts'
export { liveGauge, measuredGauge, shared, updateAtScrape } from './measuring.ts'
export {
  defineCounter,
  defineGauge,
  defineHistogram,
  type GaugeDefinition,
  type MetricDefinition,
  measureAtScrape,
  register,
  serviceMetrics
} from './metrics.ts'
export { addMoney, type Money, minorDigits, moneySchema, timesMoney } from './money.ts'
export { adaptivePace, backoff, type LoopOptions, pause, repeat, retry, unlessAborted } from './pacing.ts'
export {
  bodyTooSlow,
  conflict,
  forbidden,
  type InvalidPlace,
  invalidInput,
  notFound,
  orNotFound,
  Problem,
  tokenNeeded,
  tooLarge,
  tooManyRequests,
  unauthenticated,
  unavailable,
  unsupportedMediaType
} from './problem.ts'
export { isSameSecret, newSecret } from './secrets.ts'
export { skuSchema } from './sku.ts'
export type { SpanAttributes } from './span-attributes.ts'
export { standstillDetector } from './standstill.ts'
export {
  type CommandObserver,
  measureStoreUp,
  observeCommands,
  type StoreName,
  storeMetrics
} from './store-metrics.ts'
export { textSchema, wellFormed } from './text.ts'
export {
  inSpan,
  isTracing,
  type Span,
  type SpanKind,
  type StartedSpan,
  startActiveChild,
  startSpan,
  startTrace,
  type Tracer,
  untracedTrace,
  useTracer,
  withoutSpan,
  withSpan
} from './tracing.ts'
