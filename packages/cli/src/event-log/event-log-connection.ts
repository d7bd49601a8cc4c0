import { Redis } from 'ioredis'
import { Failure } from '../failure.ts'
import type { Stack } from '../services/stack.ts'
import { EVENT_LOG_ADMIN, eventLogUrl } from './event-log.ts'

const ANSWER_LIMIT = 5_000

/** Calls `use` with an administrator's connection to the event log of a running stack. Fails if the event log does not answer. */
export async function withEventLog<Result>(stack: Stack, use: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(eventLogUrl(stack, EVENT_LOG_ADMIN), {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: ANSWER_LIMIT,
    commandTimeout: ANSWER_LIMIT
  })
  redis.on('error', () => undefined) // connect() rejects with the same error
  try {
    await redis.connect().catch(cause => {
      throw new Failure(`the event log does not answer on port ${stack.eventLogPort}`, 'Is the stack up? make status', {
        cause
      })
    })
    return await use(redis)
  } finally {
    redis.disconnect()
  }
}
