import type { ChainableCommander, Redis } from 'ioredis'
import type { Logger } from 'pino'
import { leaveDemotedServer } from './fail-over.ts'
import { logFailures } from './redis.ts'
import { replyCode, serverNameOf } from './redis-errors.ts'

/**
 * Opens a connection like `redis` for commands that block for at most `milliseconds` in the server. If the server is silent for twice as
 * long, the connection is made again, and the waiting command is sent again.
 */
export function blockingConnection(redis: Redis, milliseconds: number, log: Logger): Redis {
  const connection = redis.duplicate({
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    commandTimeout: undefined, // a time-out would drop the entries that the server sends to a read just then
    socketTimeout: 2 * milliseconds,
    reconnectOnError: leaveDemotedServer()
  })
  // A demoted server refuses writes, but a read may wait there for entries that never come. So this connection leaves it with the other one.
  const follow = () => connection.status === 'ready' && connection.disconnect(true)
  redis.on('close', follow)
  connection.once('end', () => redis.off('close', follow))
  logFailures(connection, `The connection that reads from the ${serverNameOf(redis)} failed`, log)
  return connection
}

/** Runs a pipeline and returns its replies. Rejects with the first error among them. */
export async function executePipeline(pipeline: ChainableCommander): Promise<unknown[]> {
  const results = (await pipeline.exec()) ?? []
  for (const [error] of results) if (error) throw error
  return results.map(([, reply]) => reply)
}

/** Registers a consumer group on a stream, at the stream's beginning, if it is not registered yet. */
export async function createGroup(redis: Redis, group: string, stream: string): Promise<void> {
  await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM').catch(error => {
    if (replyCode(error) !== 'BUSYGROUP') throw error
  })
}

/** The progress of a consumer group on a stream. */
export type GroupProgress = {
  group: string
  /** How many entries the group has not acknowledged: those it has not read, and those it has pending. */
  lag: number
  /** How many entries it has read and not acknowledged. */
  pending: number
  /** The ID of the last entry that it has read. */
  lastDelivered: string
}

/** Returns the progress of each group of a stream; none for a stream that does not exist. */
export async function groupsOf(redis: Redis, stream: string): Promise<GroupProgress[]> {
  const readGroups = () => redis.xinfo('GROUPS', stream)
  const groups = await readGroups().catch(async error => {
    // Redis answers ERR if the stream does not exist. Another connection may have created it a moment later.
    if (replyCode(error) !== 'ERR') throw error
    return (await redis.xlen(stream)) === 0 ? [] : readGroups()
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

/** Returns the progress of every group on every stream of the event log. Needs an administrator's connection, to find the streams. */
export async function lagOfAllGroups(redis: Redis): Promise<(GroupProgress & { stream: string })[]> {
  const streams = new Set<string>()
  for await (const keys of redis.scanStream({ match: 'events.*', type: 'stream', count: 1_000 })) {
    for (const key of keys as string[]) streams.add(key)
  }
  const groups = [...streams]
    .sort()
    .map(async stream => (await groupsOf(redis, stream)).map(group => ({ stream, ...group })))
  return (await Promise.all(groups)).flat()
}

/** The entries that are kept in a stream without groups. */
type Retention = {
  /** The time before which entries are removed (ms since the epoch). */
  since: number
  /** Maximum number of entries. Beyond it, the oldest entries are removed. */
  maxEntries?: number
}

/**
 * Removes the entries that every group has acknowledged. Without groups, removes the entries that `retention` does not keep. Returns the
 * progress of each group. A group that is created at the same moment may miss the removed entries.
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

/** Returns the lowest ID that a group has not acknowledged, or the last that it has read if it has acknowledged all. */
async function lowestNeeded(redis: Redis, stream: string, { group, pending, lastDelivered }: GroupProgress) {
  if (pending === 0) return lastDelivered
  const [, lowestPending] = await redis.xpending(stream, group)
  return typeof lowestPending === 'string' ? lowestPending : lastDelivered
}

/** Converts alternating names and values, the form of Redis's maps and entries, to an object. */
export const toFields = <Value>(flat: Value[]): Record<string, Value> =>
  Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, pair) => [flat[2 * pair], flat[2 * pair + 1]]))

function compareIds(one: string, other: string) {
  const [time = 0, sequence = 0] = one.split('-').map(Number)
  const [otherTime = 0, otherSequence = 0] = other.split('-').map(Number)
  return time - otherTime || sequence - otherSequence
}
