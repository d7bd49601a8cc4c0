import { streamsOf } from '@bulkhead/chassis/contract'
import { type GroupProgress, groupsOf } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import { Failure } from '../failure.ts'

/**
 * Removes the consumer group of a service that no longer subscribes to a publisher's events. Otherwise the event log would keep the events
 * that the group has not acknowledged, until it is full and refuses new ones. Resolves with the group's progress. Fails while the service
 * still reads, unless `force` is set.
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
    const subscribers = groups.map(({ group }) => group).join(', ') || 'none'
    throw new Failure(
      `${subscriber} does not subscribe to the events of ${publisher}`,
      `Its subscribers: ${subscribers}`
    )
  }
  const readers = await readersOf(redis, subscriber)
  if (readers > 0 && !force) {
    throw new Failure(
      `${subscriber} still reads events, on ${readers} connections`,
      `Stop ${subscriber} first. With --force it loses the events that it has not handled`
    )
  }
  await redis.xgroup('DESTROY', stream, subscriber)
  return progress
}

/**
 * Counts the connections of a service that wait for events. The idle time of the group's consumers would not show whether they read: before
 * Redis 7.2, a consumer that waits without getting events counts as idle, or is not listed.
 */
async function readersOf(redis: Redis, service: string): Promise<number> {
  const clients = String(await redis.client('LIST')).split('\n')
  return clients.filter(line => line.includes(` user=${service} `) && line.includes(' cmd=xreadgroup ')).length
}
