import { once } from 'node:events'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { Problem, unavailable } from '../core/index.ts'
import { isUnanswered, MarkingRedis, replyCode } from './redis-errors.ts'

/** Milliseconds. A store that is away must not hold requests. */
const CONNECT_MS = 2_000
/** A connection that is silent for so long while commands wait is given up, and they fail: what broke it may never tell. */
const SILENCE_MS = 1_000
const LONGEST_PAUSE_MS = 1_000

/** A client that fails at once while its server is away, and connects again by itself. `what` names the server in the log. */
export function connectRedis(url: string, what: string, log: Logger): Redis {
  const redis = new MarkingRedis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    retryStrategy: attempt => Math.min(attempt * 50, LONGEST_PAUSE_MS)
  })
  // Without a listener an error of the connection would end the process; the caller of each command gets its own.
  redis.on('error', error => log.warn({ err: error }, `${what}: connection lost`))
  return redis
}

/**
 * Waits for a connection that is being made: until it is ready, until its first failure, or 2 seconds. Never rejects: what is wrong
 * then, the commands tell.
 */
export async function waitUntilConnected(redis: Redis) {
  if (redis.status === 'ready') return
  await once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_MS) }).catch(() => undefined)
}

/**
 * A service's own store of records. Fails when it doesn't answer within 2 seconds: such a store gates the start. When it goes away
 * later, commands fail at once until it is back.
 */
export async function connectRedisStore(url: string, log: Logger): Promise<Redis> {
  const redis = connectRedis(url, 'store', log)
  const limit = AbortSignal.timeout(CONNECT_MS)
  try {
    await new Promise<unknown>((resolve, reject) => {
      redis.once('ready', resolve)
      limit.addEventListener('abort', () => reject(new Error(`The store does not answer within ${CONNECT_MS} ms`)))
    })
    return redis
  } catch (error) {
    redis.disconnect()
    throw error
  }
}

/**
 * What a script does to the store, which decides what of it runs while the store is full:
 * - `adds`: nothing.
 * - `may-add`: what comes before its first command that writes, which must be one that needs memory. That one is refused. A script that
 *   deletes before would go on to add data.
 * - `frees`: all. It may write a little too, such as an event of what it deletes.
 * - `reads`: all.
 */
export type ScriptKind = 'adds' | 'may-add' | 'frees' | 'reads'

/** Redis checks a script without a first line command by command. */
const FIRST_LINES: Record<ScriptKind, string> = {
  adds: '#!lua\n',
  'may-add': '',
  frees: '#!lua flags=allow-oom\n',
  reads: '#!lua flags=no-writes\n'
}

/** A script of Lua with the first line that tells Redis its kind. */
export const scriptOf = (kind: ScriptKind, lua: string) => FIRST_LINES[kind] + lua

/** Defines a script of Lua, and returns it as a function of its KEYS and ARGV. `name` is unique on the connection. */
export function redisScript<Reply>(redis: Redis, name: string, lua: string, kind: ScriptKind = 'adds') {
  redis.defineCommand(name, { lua: scriptOf(kind, lua) })
  const commands = redis as unknown as Record<string, (...args: (string | number)[]) => Promise<Reply>>
  return (keys: string[], args: (string | number)[]) => commands[name]!(keys.length, ...keys, ...args)
}

/** Codes of replies of a server that can't take the command now, and may take it later. */
const TEMPORARY = new Set([
  'LOADING', // it reads its data
  'BUSY', // a script runs for too long
  'MISCONF', // it can't write to its disk
  'READONLY', // it is a replica: the client still has to find the new primary
  'MASTERDOWN', // it is a replica that has lost its primary
  'NOREPLICAS', // it is a primary that has lost its replicas
  'UNBLOCKED', // it became a replica while the command waited
  'CLUSTERDOWN', // nobody serves the key's slot
  'TRYAGAIN' // the key's slot is on its way to another node
])

/** Seconds after which a caller may try a full store again: room comes as data expires, not from one second to the next. */
const FULL_SECONDS = 10

/** A 503 for an error of a command that the store did not answer, can't take now, or has no room for; any other error as it is. */
export function redisProblem(error: unknown) {
  const code = replyCode(error) ?? ''
  if (code === 'OOM') return storeFull(error)
  return isUnanswered(error) || TEMPORARY.has(code) ? unavailable('The store', 1, error) : error
}

const storeFull = (cause: unknown) =>
  new Problem(503, 'store-full', 'The store is full', {
    detail: 'Nothing can be added for now. Try again later',
    headers: { 'Retry-After': String(FULL_SECONDS) },
    cause
  })
