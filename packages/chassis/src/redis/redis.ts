import { once } from 'node:events'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { failureLog, Problem, unavailable } from '../core/index.ts'
import { nameScript } from './command-span.ts'
import { leaveDemotedServer } from './fail-over.ts'
import { isUnanswered, MarkingRedis, replyCode } from './redis-errors.ts'

/** The time-out of a connection attempt (ms). It is short, because requests wait for it. */
const CONNECT_MS = 2_000
/** How long (ms) a starting service waits for its store. */
const START_MS = 5_000
/**
 * How long (ms) a connection may be silent while commands wait. Then it is closed and the commands fail, because a broken connection may
 * never report an error.
 */
const SILENCE_MS = 1_000
/** Maximum pause (ms) between two attempts to connect. */
const MAX_PAUSE_MS = 1_000

/**
 * Creates a client whose commands fail at once while its server is unavailable. The client reconnects by itself, also when its server is no
 * longer the primary. `name` names the server in errors and in the log, such as `event log`.
 */
export function connectRedis(url: string, name: string, log: Logger): Redis {
  const redis = new MarkingRedis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    retryStrategy: attempt => Math.min(attempt * 50, MAX_PAUSE_MS),
    maxLoadingRetryTime: MAX_PAUSE_MS,
    reconnectOnError: leaveDemotedServer()
  })
  redis.serverName = name
  logFailures(redis, `The connection to the ${name} failed`, log)
  return redis
}

/**
 * Logs the first of the attempts to connect that fail one after the other. Without a listener, an error of the connection would end the
 * process. Each command rejects with an error of its own.
 */
export function logFailures(redis: Redis, message: string, log: Logger) {
  const { failed, succeeded } = failureLog(log, message)
  redis.on('error', failed).on('ready', succeeded)
}

/**
 * Waits until a connection is ready or its first attempt fails, for at most 2 seconds. Never rejects, because the commands report the
 * error.
 */
export async function waitUntilConnected(redis: Redis) {
  if (redis.status === 'ready') return
  await once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_MS) }).catch(() => undefined)
}

/**
 * Connects to a service's own store of records. Rejects if the store does not answer within 5 seconds, so that the service does not start
 * without it. If the store becomes unavailable later, commands fail at once until it is back.
 */
export async function connectRedisStore(url: string, log: Logger): Promise<Redis> {
  const redis = connectRedis(url, 'store', log)
  const limit = AbortSignal.timeout(START_MS)
  try {
    await new Promise<unknown>((resolve, reject) => {
      redis.once('ready', resolve)
      limit.addEventListener('abort', () => reject(new Error(`The store does not answer within ${START_MS} ms`)))
    })
    return redis
  } catch (error) {
    redis.disconnect()
    throw error
  }
}

/**
 * The effect of a script on the store. It decides how much of the script runs while the store is full:
 * - `adds`: the script is refused.
 * - `may-add`: the script runs until its first command that writes. That command must need memory, and is refused. If it deleted data, the
 *   script would go on and add data.
 * - `frees`: the whole script runs. It may write a little too, such as an event about the deleted data.
 * - `reads`: the whole script runs.
 */
export type ScriptKind = 'adds' | 'may-add' | 'frees' | 'reads'

/**
 * The first line of each kind of script, by which Redis knows the kind. Without such a line, Redis checks the script command by command.
 */
const FIRST_LINES: Record<ScriptKind, string> = {
  adds: '#!lua\n',
  'may-add': '',
  frees: '#!lua flags=allow-oom\n',
  reads: '#!lua flags=no-writes\n'
}

/** Returns a Lua script with the first line of its kind. */
export const scriptOf = (kind: ScriptKind, lua: string) => FIRST_LINES[kind] + lua

/** Runs a script with its KEYS and ARGV. */
export type Script<Reply> = (keys: string[], args: (string | number)[]) => Promise<Reply>

/** Defines a Lua script on a connection, and returns the function that runs it. `name` must be unique on the connection. */
export function redisScript<Reply>(redis: Redis, name: string, lua: string, kind: ScriptKind = 'adds'): Script<Reply> {
  const script = scriptOf(kind, lua)
  nameScript(script, name)
  redis.defineCommand(name, { lua: script })
  const commands = redis as unknown as Record<string, (...args: (string | number)[]) => Promise<Reply>>
  return (keys, args) => commands[name]!(keys.length, ...keys, ...args)
}

/** Error codes of a server that can't run the command now, and may run it later. */
const TEMPORARY = new Set([
  'LOADING', // the server loads its data
  'BUSY', // a script runs for too long
  'MISCONF', // the server can't write to its disk
  'READONLY', // the server is a replica: the client connects again, to find the new primary
  'MASTERDOWN', // the server is a replica that lost its primary
  'NOREPLICAS', // the server is a primary that lost its replicas
  'UNBLOCKED', // the server became a replica while the command waited
  'CLUSTERDOWN', // no node serves the key's slot
  'TRYAGAIN' // the key's slot moves to another node
])

/** The `Retry-After` of a full store, in seconds. It is long, because the store only has room again after data has expired. */
const FULL_SECONDS = 10

/** Converts an error of a command to a 503 if the store did not answer, can't run it now, or is full. Returns any other error unchanged. */
export function redisProblem(error: unknown): unknown {
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
