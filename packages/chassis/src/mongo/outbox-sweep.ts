import type { Collection } from 'mongodb'
import type { AggregateDocument, OutboxEntry } from './aggregate-document.ts'

type SweepOptions = {
  /**
   * The current run of the log. Events that were sent to a different run may be lost. Undefined while the log is unavailable: then each
   * event that was ever sent counts as sent.
   */
  run: string | undefined
  /** The current time, in milliseconds since the epoch. */
  now: number
  /**
   * The age (ms) from which an unsent event counts as left behind by its replica. An event whose time is further ahead than this counts
   * too, because its replica may have died with a wrong clock. If this replica's own clock is behind, it publishes some events twice, which
   * is harmless.
   */
  grace: number
  /** How long (ms) a sent event is kept. */
  keep: number
}

/** Maximum number of documents in one sweep. The next sweep continues. */
const SWEEP_LIMIT = 5_000

/** The events of an aggregate that must be published. */
type UnsentEvents = { _id: string; entries: OutboxEntry[] }

/**
 * Removes from the outboxes of a collection the events that were sent long ago. Removes tombstones that have no other events. Returns the
 * events that must be published. One query finds both kinds of events, because each query is a full scan on some servers.
 */
export async function sweepCollection(
  collection: Collection<AggregateDocument>,
  { run, now, grace, keep }: SweepOptions
): Promise<UnsentEvents[]> {
  const [from, to, sentBefore] = [new Date(now - grace), new Date(now + grace), new Date(now - keep)]
  const isUnsent = (entry: OutboxEntry) => (run === undefined ? entry.run === undefined : entry.run !== run)
  const isLeft = (entry: OutboxEntry) => isUnsent(entry) && (entry.at < from || entry.at > to)
  const isOver = (entry: OutboxEntry) => run !== undefined && entry.run === run && entry.sentAt! < sentBefore
  const over = { run: run!, sentAt: { $lt: sentBefore } }
  const left = { run: run === undefined ? { $exists: false } : { $ne: run }, at: { $not: { $gte: from, $lte: to } } }
  const wanted = run === undefined ? [left] : [left, over]
  const documents = await collection
    .find({ 'outbox.0': { $exists: true }, $or: wanted.map(entry => ({ outbox: { $elemMatch: entry } })) })
    .project<Pick<AggregateDocument, '_id' | 'removedAt'> & { outbox: OutboxEntry[] }>({ outbox: 1, removedAt: 1 })
    .limit(SWEEP_LIMIT)
    .toArray()

  const removable = documents.filter(({ removedAt, outbox }) => removedAt && outbox.every(isOver)).map(({ _id }) => _id)
  const withOldEvents = documents.filter(({ outbox }) => outbox.some(isOver)).map(({ _id }) => _id)
  if (removable.length > 0) await collection.deleteMany({ _id: { $in: removable } })
  if (withOldEvents.length > 0)
    await collection.updateMany({ _id: { $in: withOldEvents } }, { $pull: { outbox: over } })
  return documents.map(({ _id, outbox }) => ({ _id, entries: outbox.filter(isLeft) }))
}

/** Indexes the outboxes that have events, so that a sweep reads no others. */
export const createSweepIndex = (collection: Collection<AggregateDocument>) =>
  collection.createIndex(
    { 'outbox.run': 1, 'outbox.sentAt': 1 },
    { name: 'outbox', partialFilterExpression: { 'outbox.0': { $exists: true } } }
  )
