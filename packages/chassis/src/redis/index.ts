export {
  connectRedis,
  connectRedisStore,
  redisProblem,
  redisScript,
  type Script,
  type ScriptKind,
  waitUntilConnected
} from './redis.ts'
export { replyCode } from './redis-errors.ts'
export { redisLease } from './redis-lease.ts'
export { type MemoryMetrics, measureMemory, measureRedis, measureRedisStore, redisMetrics } from './redis-metrics.ts'
export {
  blockingConnection,
  createGroup,
  executePipeline,
  type GroupProgress,
  groupsOf,
  lagOfAllGroups,
  toFields,
  trimStream
} from './streams.ts'
