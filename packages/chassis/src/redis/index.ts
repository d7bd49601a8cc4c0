export { connected, connectRedis, connectRedisStore, redisProblem, redisScript, type ScriptKind } from './redis.ts'
export { replyCode } from './redis-errors.ts'
export { redisLease } from './redis-lease.ts'
export { memoryMetrics } from './redis-memory.ts'
export {
  blockingConnection,
  createGroup,
  executed,
  fieldsOf,
  type GroupProgress,
  groupsOf,
  lagOfAll,
  trimStream
} from './streams.ts'
