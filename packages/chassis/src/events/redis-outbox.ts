import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type EventType, type PendingEvent, pendingEvent, type Trace, toCloudEvent } from '../contract/index.ts'
import { type Clock, type FaultPoint, noFault, repeat, unavailable, unlessAborted } from '../core/index.ts'
import { blockingConnection, redisLease, redisScript, replyCode, type Script, type ScriptKind } from '../redis/index.ts'
import type { EventLog } from './event-log.ts'
import { measureOutbox } from './outbox-metrics.ts'

type Options = {
  service: string
  /** The service's own Redis. */
  redis: Redis
  /** The hash tag of all keys of the store, such as `{cart}`, so that a script can use several keys. */
  tag: string
  eventLog: EventLog
  clock: Clock
  log: Logger
  registry: Registry
  passFaultPoint?: FaultPoint
  /** Maximum number of entries in the outbox. Sent entries count too, and are removed first. */
  cap?: number
  /** Times in milliseconds. After `lease`, another replica takes over from a replica that died. Sent events stay for `keep`. */
  times?: { lease: number; keep: number }
}

/** The outbox of a Redis store. */
export type RedisOutbox = {
  /**
   * Defines a script that changes state and appends events in one step. It may call `outbox_append(event, version)`, with an event from
   * `event()`. `name` must be unique in the service, `kind` is that of `redisScript`. The script fails with a 503 while the outbox is full,
   * before it changes anything.
   */
  script<Reply>(name: string, lua: string, kind?: ScriptKind): Script<Reply>
  /** Returns an event about the aggregate `subject`, as an argument for a script. The script adds the version. */
  event(type: EventType, subject: string, trace: Trace): string
  /** Starts to publish events on its own connection, whenever this replica has the lease. */
  start(): void
  /**
   * Publishes the remaining events, unless another replica has the lease, and stops. If the store or the log is away, the events stay in
   * the outbox, and a warning says how many.
   */
  stop(): Promise<void>
}

const BATCH_SIZE = 200
/** How long (ms) events are collected for a batch, because each batch costs a few round trips. */
const LINGER_MS = 10
/** How often (ms) the log is trimmed. */
const TRIM_MS = 5_000
/** The ID before the first entry of a stream. */
const BEGINNING = '0-0'

/**
 * Creates the outbox of a Redis store: a stream in the hash slot of the store, to which the scripts that change the state append. One
 * replica at a time, by lease, publishes its events, each at least once and in no fixed order. After a restart of the log, which may have
 * lost its last entries, it publishes all kept events again. It also works while the store is full, so that removing sent events makes
 * room.
 */
export function redisOutbox(options: Options): RedisOutbox {
  const { service, redis, tag, eventLog, clock, log, registry, passFaultPoint = noFault, cap = 50_000 } = options
  const { times = { lease: 5_000, keep: 600_000 } } = options
  const keys = { outbox: `${tag}:outbox`, cursor: `${tag}:outbox:cursor`, lease: `${tag}:outbox:lease` }
  const lease = redisLease(redis, keys.lease, times.lease)
  const library = luaLibrary(cap)
  const markSent = redisScript<null>(redis, `${service}:outbox:mark-sent`, markSentScript, 'frees')
  const stopping = new AbortController()
  let isHolder = false
  let work: Promise<void>[] = []

  measureOutbox({
    registry,
    log,
    now: () => clock.now().getTime(),
    measure: async () => (isHolder ? backlog() : { depth: 0 })
  })

  async function backlog() {
    const [depth, oldest] = (await redis.eval(backlogScript, 2, keys.outbox, keys.cursor)) as [number, string | null]
    return { depth, oldest: oldest ? timeOf(oldest) : undefined }
  }

  function script<Reply>(name: string, lua: string, kind: ScriptKind = 'adds'): Script<Reply> {
    const command = redisScript<Reply>(redis, `${service}:${name}`, library + lua, kind)
    return async (stateKeys, args) => {
      const run = () => command([...stateKeys, keys.outbox], args)
      return run().catch(error => makeRoom(error).then(run).catch(refuseFull))
    }
  }

  /** Removes from a full outbox the events that the current run of the log has. An earlier run may have lost its last entries. */
  async function makeRoom(error: unknown) {
    if (!isFull(error)) throw error
    const run = await eventLog.run().catch(cause => {
      throw unavailable('The event log', 1, cause)
    })
    await redis.eval(removeSentScript, 2, keys.outbox, keys.cursor, run)
  }

  const event = (type: EventType, subject: string, trace: Trace) =>
    JSON.stringify({ subject, ...pendingEvent(type, 0, clock.now(), trace) })

  async function publishNext(reader: Redis) {
    isHolder = await lease.hold()
    if (isHolder) await publishBatch(reader, Math.ceil(times.lease / 3))
  }

  /**
   * Publishes the events after the cursor, and moves the cursor. Returns the number of published events. Waits up to `block` milliseconds
   * for an event.
   */
  async function publishBatch(connection: Redis, block?: number) {
    const [cursor, run] = await Promise.all([redis.hgetall(keys.cursor), eventLog.run()])
    const after = cursor.run === run ? cursor.id! : BEGINNING
    const from = ['STREAMS', keys.outbox, after] as const
    const reply = await (block
      ? unlessAborted(connection.xread('COUNT', BATCH_SIZE, 'BLOCK', block, ...from), stopping.signal)
      : connection.xread('COUNT', BATCH_SIZE, ...from))
    const entries = reply?.[0]?.[1] ?? []
    if (entries.length === 0) return 0
    passFaultPoint('after-write-before-publish')
    await eventLog.append(entries.map(([, fields]) => toPublished(service, fields)))
    passFaultPoint('after-publish-before-mark')
    await moveCursor(entries.at(-1)![0], run)
    passFaultPoint('after-mark')
    log.debug({ events: entries.length, run }, 'published')
    return entries.length
  }

  /**
   * Moves the cursor, and stores the run with it. If the log was restarted meanwhile, the next batch sees a different run and starts at the
   * beginning.
   */
  async function moveCursor(id: string, run: string) {
    const keptSince = clock.now().getTime() - times.keep
    await markSent([keys.outbox, keys.cursor], [id, run, keptSince < timeOf(id) ? `${keptSince}-0` : id])
  }

  async function publishRest() {
    if (!(await lease.hold())) return
    while ((await publishBatch(redis)) === BATCH_SIZE);
    await lease.release()
  }

  async function reportRest(cause: unknown) {
    const { depth: left } = await backlog().catch(() => ({ depth: undefined }))
    const number = left === undefined ? '. Their number is unknown, because the store does not answer' : ''
    log.warn({ err: cause, left }, `Unpublished events stay in the outbox${number}`)
  }

  return {
    script,
    event,

    start() {
      const reader = blockingConnection(redis, times.lease, log)
      stopping.signal.addEventListener('abort', () => reader.disconnect())
      const interval = () => (isHolder ? LINGER_MS : times.lease / 4)
      const loop = { log, signal: stopping.signal }
      work = [
        repeat('The relay of the outbox', () => publishNext(reader), interval, loop),
        repeat(
          'Trimming the event log',
          async () => isHolder && eventLog.trim(),
          () => TRIM_MS,
          loop
        )
      ]
    },

    async stop() {
      stopping.abort()
      await Promise.all(work)
      await publishRest().catch(reportRest)
    }
  }
}

/** Returns the beginning of every script. It ends the script before any change if the outbox is full. */
const luaLibrary = (cap: number) => `
local OUTBOX = KEYS[#KEYS]
if redis.call('XLEN', OUTBOX) >= ${cap} then return redis.error_reply('OUTBOXFULL The outbox is full') end
local function outbox_append(event, version)
  redis.call('XADD', OUTBOX, '*', 'event', event, 'version', version)
end
`

/** Moves the cursor to the last sent event, and removes events that were sent long ago. */
const markSentScript = `
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'run', ARGV[2])
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[3])`

/** Removes sent events, if this run of the log has them. */
const removeSentScript = `
local id, run = unpack(redis.call('HMGET', KEYS[2], 'id', 'run'))
if id and run == ARGV[1] then redis.call('XTRIM', KEYS[1], 'MINID', id) end`

/** Counts the events after the cursor, up to 10,000, and returns the ID of the oldest. */
const backlogScript = `
local unsent = redis.call('XRANGE', KEYS[1], '(' .. (redis.call('HGET', KEYS[2], 'id') or '0-0'), '+', 'COUNT', 10000)
return { #unsent, unsent[1] and unsent[1][1] }`

function toPublished(service: string, [, event = '', , version]: string[]) {
  const { subject, at, ...pending }: Omit<PendingEvent, 'at'> & { subject: string; at: string } = JSON.parse(event)
  return toCloudEvent(service, subject, { ...pending, at: new Date(at), version: Number(version) })
}

/** Returns the time in the ID of a stream's entry (ms since the epoch). */
const timeOf = (id: string) => Number(id.split('-')[0])

const isFull = (error: unknown) => replyCode(error) === 'OUTBOXFULL'

function refuseFull(error: unknown): never {
  throw isFull(error) ? unavailable('The event log', 1, error) : error
}
