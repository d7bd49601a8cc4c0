import type { Redis } from 'ioredis'
import { streamsOf } from '../contract/index.ts'
import { executePipeline, toFields } from '../redis/index.ts'

/** An event that a consumer could not handle. */
export type DeadLetter = {
  /** The ID of the dead letter. */
  id: string
  /** The event as it was in the log. It may be malformed. */
  event: string
  error: string
  /** The stream that had the event, and the ID of its entry there. */
  stream: string
  entry: string
  /** The time at which the event became a dead letter (RFC 3339). */
  at: string
}

/** Adds a dead letter of `service`. Rejects if the service already has `limit` dead letters. */
export async function addDeadLetter(redis: Redis, service: string, letter: Omit<DeadLetter, 'id'>, limit: number) {
  const stream = streamsOf(service).dead
  if ((await redis.xlen(stream)) >= limit)
    throw new Error(`${stream} is full with ${limit} dead letters. Replay or discard some`)
  await redis.xadd(stream, '*', ...Object.entries(letter).flat())
}

/** The part of the dead letters to list: at most `limit`, after the ID `after`, up to the ID `until`. */
type Page = { limit?: number; after?: string | undefined; until?: string }

/** Lists the dead letters of a service, oldest first. */
export async function listDeadLetters(
  redis: Redis,
  service: string,
  { limit = 100, after, until = '+' }: Page = {}
): Promise<DeadLetter[]> {
  const from = after ? `(${after}` : '-'
  const entries = await redis.xrange(streamsOf(service).dead, from, until, 'COUNT', limit)
  return entries.map(([id, fields]) => ({ id, ...toFields(fields) }) as DeadLetter)
}

/**
 * Moves dead letters of a service to its stream `events.<service>.replay`, which no other service reads, so that the service handles them
 * again. Moves those with the IDs `ids`, or all of them without `ids`. Returns their number. Needs an administrator's connection, because a
 * service may only append to its own streams.
 */
export async function replayDeadLetters(redis: Redis, service: string, ids?: string[]): Promise<number> {
  const { dead, replay } = streamsOf(service)
  const [newest] = await redis.xrevrange(dead, '+', '-', 'COUNT', 1)
  let replayed = 0
  for (let after: string | undefined; newest && after !== newest[0]; ) {
    const letters = await listDeadLetters(redis, service, { limit: 500, after, until: newest[0] })
    if (letters.length === 0) break // another process has replayed them
    after = letters.at(-1)!.id
    const wanted = letters.filter(({ id }) => ids?.includes(id) ?? true)
    if (wanted.length === 0) continue
    const move = redis.multi()
    for (const { id, event, stream, entry } of wanted)
      move.xadd(replay, '*', 'event', event, 'stream', stream, 'entry', entry).xdel(dead, id)
    await executePipeline(move)
    replayed += wanted.length
  }
  return replayed
}

/** Deletes the dead letters with the IDs `ids`. Returns their number. Needs an administrator's connection. */
export const discardDeadLetters = (redis: Redis, service: string, ids: string[]): Promise<number> =>
  redis.xdel(streamsOf(service).dead, ...ids)
