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
  retry,
  withoutSpan
} from '../core/index.ts'
import { backlogOf, type EventLog, measureOutbox } from '../events/index.ts'
import type { AggregateDocument, OutboxEntry } from './aggregate-document.ts'
import { mongoLease } from './mongo-lease.ts'
import { createSweepIndex, sweepCollection } from './outbox-sweep.ts'

/** A collection of aggregates with their outboxes. */
export type StoredAggregates = Collection<AggregateDocument>

/** An unpublished event of the aggregate `subject`. */
type Waiting = { collection: StoredAggregates; subject: string; entry: OutboxEntry }

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
  /** Minimum time between two sweeps, in milliseconds. */
  sweep: number
  /** The time (ms) after which another replica takes over the sweep from a replica that died. */
  lease: number
  /** The age (ms) from which an unsent event counts as left behind by its replica. */
  grace: number
  /** How long (ms) a sent event is kept. */
  keep: number
}

const TIMES: Times = { sweep: 5_000, lease: 30_000, grace: 5_000, keep: 600_000 }

/** The outboxes of a service's aggregates. */
export type MongoOutbox = {
  /** Adds the outboxes of a collection. */
  watch(collection: StoredAggregates): CollectionOutbox
  /** Creates the indexes of the sweep and starts it. */
  start(): Promise<void>
  /** Publishes the queued events for at most 3 seconds, and stops. Another replica's sweep publishes the rest. */
  stop(): Promise<void>
}

/** The part of an outbox that a collection uses. */
type CollectionOutbox = {
  /** Queues events of the aggregate `subject` that were stored. */
  enqueue(subject: string, entries: OutboxEntry[]): void
  /**
   * Returns the current run of the log. Events that were sent to a different run may be needed again. Rejects while the log is unavailable.
   */
  currentRun(): Promise<string>
}

const QUEUE_LIMIT = 10_000
const BATCH_SIZE = 200
/** How long (ms) events are collected for a batch, because each batch costs two round trips. */
const LINGER_MS = 10
const STOP_MS = 3_000

/**
 * Creates the publisher of the events in the outboxes of a service's aggregates. It publishes each event at least once, in no fixed order.
 * A replica publishes the events that it wrote, from memory. A sweep, on one replica at a time, finds the rest: events of a replica that
 * died, events beyond a full queue, and events that a restarted log may have lost.
 */
export function mongoOutbox(options: Options): MongoOutbox {
  const { service, db, eventLog, clock, log, registry, passFaultPoint = noFault, times = TIMES } = options
  const { grace, keep } = times
  const lease = mongoLease(db, 'outbox', times.lease, clock)
  const collections: StoredAggregates[] = []
  const waiting = new Map<string, Waiting>()
  const sweeping = new AbortController()
  const stopped = new AbortController()
  /** The times of the events that the last sweep found and that are not in this replica's queue. */
  let elsewhere: number[] = []
  const pace = adaptivePace(times.sweep)
  let sweeps = Promise.resolve()
  let publishing: Promise<void> | undefined

  measureOutbox({
    registry,
    log,
    now: () => clock.now().getTime(),
    measure: async () => backlogOf([...waiting.values()].map(({ entry }) => entry.at.getTime()).concat(elsewhere))
  })

  function enqueue(collection: StoredAggregates, subject: string, entries: OutboxEntry[]) {
    for (const entry of entries) if (waiting.size < QUEUE_LIMIT) waiting.set(entry.id, { collection, subject, entry })
    if (waiting.size > 0) publishing ??= withoutSpan(publishAll)
  }

  async function publishAll() {
    while (waiting.size > 0 && !stopped.signal.aborted) {
      await publishBatch().catch(reportFailure)
    }
    publishing = undefined
  }

  function reportFailure(error: unknown) {
    const message = stopped.signal.aborted
      ? 'Unpublished events stay in the outbox. Another replica, or this one after its next start, publishes them'
      : 'The sweep will publish these events'
    log.warn({ err: error, left: waiting.size }, message)
  }

  async function publishBatch() {
    const loop = { log, signal: stopped.signal }
    if (waiting.size < BATCH_SIZE) await pause(LINGER_MS, stopped.signal)
    const batch = [...waiting.values()].slice(0, BATCH_SIZE)
    const events = batch.map(({ subject, entry }) => toCloudEvent(service, subject, entry))
    passFaultPoint('after-write-before-publish')
    const run = await retry('Publishing', () => eventLog.append(events), loop)
    passFaultPoint('after-publish-before-mark')
    await retry('Marking as published', () => markSent(batch, run), loop)
    passFaultPoint('after-mark')
    log.debug({ events: batch.length, run }, 'published')
    for (const { entry } of batch) waiting.delete(entry.id)
  }

  /** Updates each aggregate on its own. One update for all would compare every entry with the IDs of the whole batch. */
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

  /**
   * Queues and counts the events that were left behind. While the log is unavailable, it only counts them, because none could be published
   * and most are in the queues of other replicas.
   */
  async function sweep() {
    if (!(await lease.hold())) {
      elsewhere = []
      return
    }
    const runRequest = eventLog.run()
    const run = await runRequest.catch(() => undefined)
    const unqueued = await pace.measure(() => findUnqueued(run))
    elsewhere = unqueued.map(({ at }) => at.getTime())
    await runRequest // fails the sweep while the log is unavailable
    await eventLog.trim()
  }

  /** Finds events that were left behind. Queues them, unless the log is unavailable, and returns those that are not in the queue. */
  async function findUnqueued(run: string | undefined) {
    const unqueued: OutboxEntry[] = []
    for (const collection of collections) {
      const left = await sweepCollection(collection, { run, now: clock.now().getTime(), grace, keep })
      for (const { _id, entries } of left) {
        if (run !== undefined) enqueue(collection, _id, entries)
        unqueued.push(...entries.filter(({ id }) => !waiting.has(id)))
      }
    }
    return unqueued
  }

  return {
    watch(collection) {
      collections.push(collection)
      return {
        enqueue: (subject, entries) => enqueue(collection, subject, entries),
        currentRun: () => eventLog.run()
      }
    },

    async start() {
      for (const collection of collections) await createSweepIndex(collection)
      sweeps = repeat('The sweep of the outboxes', sweep, pace.interval, { log, signal: sweeping.signal })
    },

    async stop() {
      sweeping.abort()
      await Promise.race([publishing, pause(STOP_MS, stopped.signal)])
      stopped.abort()
      await Promise.all([publishing, sweeps])
      await releaseLease(lease, 'the sweep', log)
    }
  }
}
