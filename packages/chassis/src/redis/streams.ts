import type { ChainableCommander, Redis } from 'ioredis'
import type { Logger } from 'pino'
import { replyCode } from './redis-errors.ts'

/**
 * A connection like `redis` for commands that block at most `milliseconds` in the server. One that hears nothing for longer
 * is given up and made anew; a command that waits meanwhile goes on then.
 */
export function blockingConnection(redis: Redis, milliseconds: number, log: Logger): Redis {
  const connection = redis.duplicate({
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    commandTimeout: undefined, // or a read is given up before the server answers, and what it brings then is nobody's
    socketTimeout: 2 * milliseconds
  })
  return connection.on('error', error => log.warn({ err: error }, 'The connection to Redis failed'))
}

/** Runs a pipeline and returns its replies. Rejects with the first error among them. */
export async function executePipeline(pipeline: ChainableCommander): Promise<unknown[]> {
  const results = (await pipeline.exec()) ?? []
  for (const [error] of results) if (error) throw error
  return results.map(([, reply]) => reply)
}

/** Registers a group on a stream, from its beginning, where it is not registered yet. */
export async function createGroup(redis: Redis, group: string, stream: string) {
  await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM').catch(error => {
    if (replyCode(error) !== 'BUSYGROUP') throw error
  })
}

/** How far a consumer group is with a stream. */
export type GroupProgress = {
  group: string
  /** Entries it has not acknowledged: those it was not given yet, and those it holds. */
  lag: number
  /** Of these, the entries it holds. */
  pending: number
  /** The ID of the last entry it was given. */
  lastDelivered: string
}

/** How far each group of a stream is; empty for a stream that does not exist. */
export async function groupsOf(redis: Redis, stream: string): Promise<GroupProgress[]> {
  const ask = () => redis.xinfo('GROUPS', stream)
  const groups = await ask().catch(async error => {
    // ERR is all that Redis says of a key that does not exist. It may exist a moment later.
    if (replyCode(error) !== 'ERR') throw error
    return (await redis.xlen(stream)) === 0 ? [] : ask()
  })
  return (groups as unknown[][]).map(reply => {
    const group = toFields(reply)
    const pending = Number(group.pending)
    return {
      group: String(group.name),
      lag: pending + Number(group.lag ?? 0),
      pending,
      lastDelivered: String(group['last-delivered-id'])
    }
  })
}

/** How far every group is with every stream of the event log. Needs an administrator's connection, to find the streams. */
export async function lagOfAllGroups(redis: Redis): Promise<(GroupProgress & { stream: string })[]> {
  const streams = new Set<string>()
  for await (const keys of redis.scanStream({ match: 'events.*', type: 'stream', count: 1_000 })) {
    for (const key of keys as string[]) streams.add(key)
  }
  const all = [...streams]
    .sort()
    .map(async stream => (await groupsOf(redis, stream)).map(group => ({ stream, ...group })))
  return (await Promise.all(all)).flat()
}

/** What is kept of a stream that has no group. */
type Retention = {
  /** Entries from before this go (ms since the epoch). */
  since: number
  /** Beyond so many entries the oldest go. */
  maxEntries?: number
}

/**
 * Removes the entries that every group has acknowledged; without groups, what `retention` does not keep. Resolves with how far each group
 * is. A group that is created at the same moment may miss what is removed, as one that is created a moment later does.
 */
export async function trimStream(redis: Redis, stream: string, retention: Retention): Promise<GroupProgress[]> {
  const groups = await groupsOf(redis, stream)
  const needed = await Promise.all(groups.map(group => lowestNeeded(redis, stream, group)))
  const [lowest = `${retention.since}-0`] = needed.sort(compareIds)
  await redis.xtrim(stream, 'MINID', lowest)
  const { maxEntries } = retention
  if (groups.length === 0 && maxEntries !== undefined) await redis.xtrim(stream, 'MAXLEN', maxEntries)
  return groups
}

/** Of what a group has not acknowledged, the lowest ID; the last it was given where it has acknowledged all. */
async function lowestNeeded(redis: Redis, stream: string, { group, pending, lastDelivered }: GroupProgress) {
  if (pending === 0) return lastDelivered
  const [, lowestPending] = await redis.xpending(stream, group)
  return typeof lowestPending === 'string' ? lowestPending : lastDelivered
}

/** Names and values in turn, as Redis answers maps and entries, as an object. */
export const toFields = <Value>(flat: Value[]): Record<string, Value> =>
  Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, pair) => [flat[2 * pair], flat[2 * pair + 1]]))

function compareIds(one: string, other: string) {
  const [time = 0, sequence = 0] = one.split('-').map(Number)
  const [otherTime = 0, otherSequence = 0] = other.split('-').map(Number)
  return time - otherTime || sequence - otherSequence
}
