import type { Redis } from 'ioredis'
import { streamsOf } from '../contract/index.ts'
import { executePipeline, toFields } from '../redis/index.ts'

/** What a consumer could not handle. */
export type DeadLetter = {
  /** Its ID among the dead letters. */
  id: string
  /** The event as it was in the log, malformed perhaps. */
  event: string
  error: string
  /** Where it was: stream and ID of the entry. */
  stream: string
  entry: string
  /** When it was given up, RFC 3339. */
  at: string
}

/** Keeps a letter among the dead letters of `service`. Rejects when there are `limit` already. */
export async function addDeadLetter(redis: Redis, service: string, letter: Omit<DeadLetter, 'id'>, limit: number) {
  const stream = streamsOf(service).dead
  if ((await redis.xlen(stream)) >= limit)
    throw new Error(`${stream} has ${limit} dead letters: replay or discard some`)
  await redis.xadd(stream, '*', ...Object.entries(letter).flat())
}

/** Which dead letters to list: at most `limit`, after the ID `after`, up to the ID `until`. */
type Page = { limit?: number; after?: string | undefined; until?: string }

/** The dead letters of a service, oldest first. */
export async function listDeadLetters(redis: Redis, service: string, { limit = 100, after, until = '+' }: Page = {}) {
  const from = after ? `(${after}` : '-'
  const entries = await redis.xrange(streamsOf(service).dead, from, until, 'COUNT', limit)
  return entries.map(([id, fields]) => ({ id, ...toFields(fields) }) as DeadLetter)
}

/**
 * Gives dead letters back to the service that could not handle them, and to no other: by its stream
 * `events.<service>.replay`, which it reads beside those of the publishers. All, or those with the IDs `ids`. Returns how
 * many. Needs an administrator's connection, since a service may append to its own streams only.
 */
export async function replayDeadLetters(redis: Redis, service: string, ids?: string[]): Promise<number> {
  const { dead, replay } = streamsOf(service)
  const [newest] = await redis.xrevrange(dead, '+', '-', 'COUNT', 1)
  let replayed = 0
  for (let after: string | undefined; newest && after !== newest[0]; ) {
    const letters = await listDeadLetters(redis, service, { limit: 500, after, until: newest[0] })
    if (letters.length === 0) break // another replayed them meanwhile
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

/** Throws dead letters away for good, those with the IDs `ids`. Returns how many there were. Needs an administrator's connection. */
export const discardDeadLetters = (redis: Redis, service: string, ids: string[]): Promise<number> =>
  redis.xdel(streamsOf(service).dead, ...ids)
