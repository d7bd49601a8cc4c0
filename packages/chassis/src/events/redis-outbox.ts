import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type EventType, type PendingEvent, pendingEvent, type Trace, toCloudEvent } from '../contract/index.ts'
import { type Clock, type FaultPoint, noFault, repeat, unavailable } from '../core/index.ts'
import { blockingConnection, redisLease, redisScript, replyCode, type ScriptKind } from '../redis/index.ts'
import type { EventLog } from './event-log.ts'
import { outboxMetrics } from './outbox-metrics.ts'

type Options = {
  service: string
  /** The service's own Redis. */
  redis: Redis
  /** The hash tag that all keys of the store have, such as `{cart}`, so that a script may touch several of them. */
  tag: string
  eventLog: EventLog
  clock: Clock
  log: Logger
  registry: Registry
  passFaultPoint?: FaultPoint
  /** Entries of the outbox at most, sent ones included: these go first. */
  cap?: number
  /** Milliseconds: after which another replica relays in place of one that died; that an event stays when sent. */
  times?: { lease: number; keep: number }
}

export type RedisOutbox = ReturnType<typeof redisOutbox>

const BATCH_SIZE = 200
/** Milliseconds that a batch gathers: nobody waits for it, and each batch costs a few round trips. */
const LINGER = 10
/** Milliseconds between two trimmings of the log. */
const TRIMMING = 5_000
const BEGINNING = '0-0'

/**
 * The outbox of a Redis store: a stream in the hash slot of the store, which the scripts that change the state append to.
 * One replica at a time, by lease, publishes what is in it: each event at least once, in no promised order. After a restart
 * of the log, which may have lost its tail, it publishes again all that is kept. It also works while the store is full: so what
 * was sent goes, and room comes.
 */
export function redisOutbox(options: Options) {
  const { service, redis, tag, eventLog, clock, log, registry, passFaultPoint = noFault, cap = 50_000 } = options
  const { times = { lease: 5_000, keep: 600_000 } } = options
  const keys = { outbox: `${tag}:outbox`, cursor: `${tag}:outbox:cursor`, lease: `${tag}:outbox:lease` }
  const lease = redisLease(redis, keys.lease, times.lease)
  const library = luaLibrary(cap)
  const markSent = redisScript<null>(redis, `${service}:outbox:mark-sent`, moveAndTrim, 'frees')
  const stopping = new AbortController()
  let isHolder = false
  let work: Promise<void>[] = []

  outboxMetrics({
    registry,
    log,
    now: () => clock.now().getTime(),
    async measure() {
      if (!isHolder) return { depth: 0 }
      const [depth, oldest] = (await redis.eval(backlog, 2, keys.outbox, keys.cursor)) as [number, string | null]
      return { depth, oldest: oldest ? timeOf(oldest) : undefined }
    }
  })

  /**
   * Defines a script that changes state and appends events in one step; it may call `outbox_append(event, version)`, with
   * an event made by `event()`. `name` is unique in the service. The function it returns takes the script's KEYS and ARGV
   * and fails with a 503, before anything is changed, while the outbox is full. `kind` is that of `redisScript`.
   */
  function script<Reply>(name: string, lua: string, kind: ScriptKind = 'adds') {
    const command = redisScript<Reply>(redis, `${service}:${name}`, library + lua, kind)
    return async (stateKeys: string[], args: (string | number)[]): Promise<Reply> => {
      const run = () => command([...stateKeys, keys.outbox], args)
      return run().catch(error => makeRoom(error).then(run).catch(fullIsUnavailable))
    }
  }

  /** Drops from a full outbox what the present run of the log has: an earlier one may have been lost with its tail. */
  async function makeRoom(error: unknown) {
    if (!isFull(error)) throw error
    const run = await eventLog.run().catch(cause => {
      throw unavailable('The event log', 1, cause)
    })
    await redis.eval(dropSent, 2, keys.outbox, keys.cursor, run)
  }

  /** An event about the aggregate `subject`, as an argument for a script, which knows its version. */
  const event = (type: EventType, subject: string, trace: Trace) =>
    JSON.stringify({ subject, ...pendingEvent(type, 0, clock.now(), trace) })

  async function relayNext(reader: Redis) {
    isHolder = await lease.hold()
    if (isHolder) await relayBatch(reader, Math.ceil(times.lease / 3))
  }

  /** Publishes the events after the cursor and moves it; returns how many. Waits up to `block` milliseconds for one. */
  async function relayBatch(connection: Redis, block?: number) {
    const [cursor, run] = await Promise.all([redis.hgetall(keys.cursor), eventLog.run()])
    const after = cursor.run === run ? cursor.id! : BEGINNING
    const from = ['STREAMS', keys.outbox, after] as const
    const reply = await (block
      ? connection.xread('COUNT', BATCH_SIZE, 'BLOCK', block, ...from)
      : connection.xread('COUNT', BATCH_SIZE, ...from))
    const entries = reply?.[0]?.[1] ?? []
    if (entries.length === 0) return 0
    passFaultPoint('after-write-before-publish')
    await eventLog.append(entries.map(([, fields]) => toPublish(service, fields)))
    passFaultPoint('after-publish-before-mark')
    await moveCursor(entries.at(-1)![0], run)
    passFaultPoint('after-mark')
    return entries.length
  }

  /** Where the log was restarted since `run` was asked, the next batch sees another run, and starts at the beginning. */
  async function moveCursor(id: string, run: string) {
    const kept = clock.now().getTime() - times.keep
    await markSent([keys.outbox, keys.cursor], [id, run, kept < timeOf(id) ? `${kept}-0` : id])
  }

  async function relayRest() {
    if (!(await lease.hold())) return
    while ((await relayBatch(redis)) === BATCH_SIZE);
    await lease.release()
  }

  return {
    script,
    event,

    /** Starts to relay, on a connection of its own, whenever this replica has the lease. */
    start() {
      const reader = blockingConnection(redis, times.lease, log)
      stopping.signal.addEventListener('abort', () => reader.disconnect())
      const interval = () => (isHolder ? LINGER : times.lease / 4)
      const background = { log, signal: stopping.signal }
      work = [
        repeat('Publishing', () => relayNext(reader), interval, background),
        repeat(
          'Trimming the log',
          async () => isHolder && eventLog.trim(),
          () => TRIMMING,
          background
        )
      ]
    },

    /** Publishes what is left, unless another replica has the lease, and stops. */
    async stop() {
      stopping.abort()
      await Promise.all(work)
      await relayRest().catch(error => log.warn({ err: error }, 'Events stay in the outbox'))
    }
  }
}

/** Goes before every script, so that none changes anything while the outbox is full. */
const luaLibrary = (cap: number) => `
local OUTBOX = KEYS[#KEYS]
if redis.call('XLEN', OUTBOX) >= ${cap} then return redis.error_reply('OUTBOXFULL The outbox is full') end
local function outbox_append(event, version)
  redis.call('XADD', OUTBOX, '*', 'event', event, 'version', version)
end
`

/** Moves the cursor behind what was sent, and drops what was sent long ago. */
const moveAndTrim = `
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'run', ARGV[2])
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[3])`

/** Drops what was sent, where that was to this run of the log. */
const dropSent = `
local id, run = unpack(redis.call('HMGET', KEYS[2], 'id', 'run'))
if id and run == ARGV[1] then redis.call('XTRIM', KEYS[1], 'MINID', id) end`

/** Counts what is after the cursor, up to 10,000, and tells the ID of the oldest. */
const backlog = `
local unsent = redis.call('XRANGE', KEYS[1], '(' .. (redis.call('HGET', KEYS[2], 'id') or '0-0'), '+', 'COUNT', 10000)
return { #unsent, unsent[1] and unsent[1][1] }`

function toPublish(service: string, [, event = '', , version]: string[]) {
  const { subject, at, ...pending }: Omit<PendingEvent, 'at'> & { subject: string; at: string } = JSON.parse(event)
  return toCloudEvent(service, subject, { ...pending, at: new Date(at), version: Number(version) })
}

/** Milliseconds since the epoch in the ID of a stream's entry. */
const timeOf = (id: string) => Number(id.split('-')[0])

const isFull = (error: unknown) => replyCode(error) === 'OUTBOXFULL'

function fullIsUnavailable(error: unknown): never {
  throw isFull(error) ? unavailable('The event log', 1, error) : error
}
