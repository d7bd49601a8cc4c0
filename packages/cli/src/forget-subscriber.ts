import { streamsOf } from '@bulkhead/chassis/contract'
import { type GroupProgress, groupsOf } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import { Failure } from './failure.ts'

/**
 * Removes the group of a service that no longer subscribes to a publisher's events: the log keeps what a group has not acknowledged, until
 * it is full and the publisher stops. Resolves with how far the group was. Fails while it still reads, unless `force`.
 */
export async function forgetSubscriber(
  redis: Redis,
  publisher: string,
  subscriber: string,
  force: boolean
): Promise<GroupProgress> {
  const stream = streamsOf(publisher).events
  const groups = await groupsOf(redis, stream)
  const progress = groups.find(({ group }) => group === subscriber)
  if (!progress) {
    const known = groups.length === 0 ? 'Nobody does' : `Those who do: ${groups.map(({ group }) => group).join(', ')}`
    throw new Failure(`${subscriber} does not subscribe to the events of ${publisher}`, known)
  }
  const readers = await readersOf(redis, subscriber)
  if (readers > 0 && !force) {
    throw new Failure(
      `${subscriber} still reads events, on ${readers} connections`,
      `End ${subscriber} first; with --force it loses what it has not handled`
    )
  }
  await redis.xgroup('DESTROY', stream, subscriber)
  return progress
}

/**
 * How many connections of a service wait for events. Not the idle time of the group's consumers: before Redis 7.2 one that waits and gets
 * nothing is idle, or is not listed.
 */
async function readersOf(redis: Redis, service: string): Promise<number> {
  const clients = String(await redis.client('LIST')).split('\n')
  return clients.filter(line => line.includes(` user=${service} `) && line.includes(' cmd=xreadgroup ')).length
}
