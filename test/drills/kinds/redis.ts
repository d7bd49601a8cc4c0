import { connect, type RedisConnection } from '@bulkhead/testing/redis-server'
import { withEventLog } from '../../../packages/cli/src/event-log/event-log-connection.ts'
import type { Testbed } from '../../faults/testbed/testbed.ts'

/** The name of the event log among the stores. */
export const EVENT_LOG = 'event-log'

/** The names of the services whose store is a Redis, and the event log. */
export const redisStores = ({ stack }: Testbed): string[] => [
  ...stack.services.filter(({ store }) => store === 'redis').map(({ name }) => name),
  EVENT_LOG
]

/** Calls `use` with a connection to a Redis that does not pass its proxy. */
export async function withStore<Result>(
  testbed: Testbed,
  store: string,
  use: (redis: RedisConnection) => Promise<Result>
): Promise<Result> {
  if (store === EVENT_LOG) return withEventLog(testbed.stack, use)
  const redis = connect(testbed.storeUrl(store))
  try {
    return await use(redis)
  } finally {
    redis.disconnect()
  }
}
