import type { Collection, Db } from 'mongodb'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { toCloudEvent } from '../contract/index.ts'
import {
  adaptivePace,
  type Clock,
  type FaultPoint,
  noFault,
  pause,
  releaseLease,
  repeat,
  retry
} from '../core/index.ts'
import { backlogOf, type EventLog, outboxMetrics } from '../events/index.ts'
import type { AggregateDocument, OutboxEntry } from './aggregate-document.ts'
import { mongoLease } from './mongo-lease.ts'
import { createSweepIndex, sweepCollection } from './outbox-sweep.ts'

type Stored = Collection<AggregateDocument>
type Waiting = { collection: Stored; subject: string; entry: OutboxEntry }

type Options = {
  service: string
  db: Db
  eventLog: EventLog
  clock: Clock
  log: Logger
  registry: Registry
  passFaultPoint?: FaultPoint
  times?: Times
}

type Times = {
  /** Milliseconds between two sweeps at least. */
  sweep: number
  /** Milliseconds after which another replica sweeps in place of one that died. */
  lease: number
  /** Milliseconds until an unsent event counts as left behind. */
  grace: number
  /** Milliseconds that an event stays when it was sent. */
  keep: number
}

const TIMES: Times = { sweep: 5_000, lease: 30_000, grace: 5_000, keep: 600_000 }

export type MongoOutbox = ReturnType<typeof mongoOutbox>

const QUEUE_LIMIT = 10_000
const BATCH_SIZE = 200
/** Milliseconds that a batch gathers: nobody waits for it, and each batch costs two round trips. */
const LINGER = 10
const STOP_LIMIT = 3_000

/**
 * Publishes what the aggregates of a service hold in their outboxes: each event at least once, in no promised order.
 * A replica publishes what it wrote itself, from memory. A sweep, by one replica at a time, finds what was left behind: by
 * a replica that died, by a queue that was full, by a log that was restarted and may have lost its tail.
 */
export function mongoOutbox(options: Options) {
  const { service, db, eventLog, clock, log, registry, passFaultPoint = noFault, times = TIMES } = options
  const { grace, keep } = times
  const lease = mongoLease(db, 'outbox', times.lease, clock)
  const collections: Stored[] = []
  const waiting = new Map<string, Waiting>()
  const sweeping = new AbortController()
  const relaying = new AbortController()
  /** When those events were stored that the last sweep found and that don't wait here. */
  let elsewhere: number[] = []
  const pace = adaptivePace(times.sweep)
  let sweeps = Promise.resolve()
  let relay: Promise<void> | undefined

  outboxMetrics({
    registry,
    log,
    now: () => clock.now().getTime(),
    measure: async () => backlogOf([...waiting.values()].map(({ entry }) => entry.at.getTime()).concat(elsewhere))
  })

  function enqueue(collection: Stored, subject: string, entries: OutboxEntry[]) {
    for (const entry of entries) if (waiting.size < QUEUE_LIMIT) waiting.set(entry.id, { collection, subject, entry })
    if (waiting.size > 0) relay ??= relayAll()
  }

  async function relayAll() {
    while (waiting.size > 0 && !relaying.signal.aborted) {
      await relayBatch().catch(error => log.warn({ err: error, left: waiting.size }, 'Events are left to the sweep'))
    }
    relay = undefined
  }

  async function relayBatch() {
    const background = { log, signal: relaying.signal }
    if (waiting.size < BATCH_SIZE) await pause(LINGER, relaying.signal)
    const batch = [...waiting.values()].slice(0, BATCH_SIZE)
    const events = batch.map(({ subject, entry }) => toCloudEvent(service, subject, entry))
    passFaultPoint('after-write-before-publish')
    const run = await retry('Publishing', () => eventLog.append(events), background)
    passFaultPoint('after-publish-before-mark')
    await retry('Marking as published', () => markSent(batch, run), background)
    passFaultPoint('after-mark')
    for (const { entry } of batch) waiting.delete(entry.id)
  }

  /** Each aggregate by an update of its own: one for all would compare every entry with the IDs of the whole batch. */
  async function markSent(batch: Waiting[], run: string) {
    const sent = { 'outbox.$[entry].sentAt': clock.now(), 'outbox.$[entry].run': run }
    for (const [collection, group] of Map.groupBy(batch, ({ collection }) => collection)) {
      const aggregates = Map.groupBy(group, ({ subject }) => subject)
      const updates = [...aggregates].map(([_id, events]) => ({
        updateOne: {
          filter: { _id },
          update: { $set: sent },
          arrayFilters: [{ 'entry.id': { $in: events.map(({ entry }) => entry.id) } }]
        }
      }))
      await collection.bulkWrite(updates, { ordered: false })
    }
  }

  /** While the log is away it only counts what is there: nothing could be published, and most of it waits at the other replicas. */
  async function sweep() {
    if (!(await lease.hold())) {
      elsewhere = []
      return
    }
    const asked = eventLog.run()
    const run = await asked.catch(() => undefined)
    const found = await pace.measure(() => findLeft(run))
    elsewhere = found.map(({ at }) => at.getTime())
    await asked // fails the sweep while the log is away
    await eventLog.trim()
  }

  /** Queues what was left behind, unless the log is away, and returns what of it does not wait here. */
  async function findLeft(run: string | undefined) {
    const found: OutboxEntry[] = []
    for (const collection of collections) {
      const left = await sweepCollection(collection, { run, now: clock.now().getTime(), grace, keep })
      for (const { _id, entries } of left) {
        if (run !== undefined) enqueue(collection, _id, entries)
        found.push(...entries.filter(({ id }) => !waiting.has(id)))
      }
    }
    return found
  }

  return {
    /** Makes the outboxes of a collection known. */
    watch(collection: Stored) {
      collections.push(collection)
      return {
        /** To be told of each event that was stored. */
        enqueue: (subject: string, entries: OutboxEntry[]) => enqueue(collection, subject, entries),
        /** The present run of the log: what was sent to another may be needed again. Rejects while the log is away. */
        currentRun: () => eventLog.run()
      }
    },

    /** Creates the indexes of the sweep and starts it. */
    async start() {
      for (const collection of collections) await createSweepIndex(collection)
      sweeps = repeat('The sweep of the outboxes', sweep, pace.interval, { log, signal: sweeping.signal })
    },

    /** Publishes what is queued, for some seconds at most, and stops. What remains is another replica's to sweep. */
    async stop() {
      sweeping.abort()
      await Promise.race([relay, pause(STOP_LIMIT, relaying.signal)])
      relaying.abort()
      await Promise.all([relay, sweeps])
      await releaseLease(lease, 'the sweep', log)
    }
  }
}
