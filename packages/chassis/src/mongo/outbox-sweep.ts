import type { Collection } from 'mongodb'
import type { AggregateDocument, OutboxEntry } from './aggregate-document.ts'

type Sweep = {
  /**
   * The present run of the log. What was sent to another one may have been lost. Undefined while the log does not tell: then all that was
   * ever sent is let be.
   */
  run: string | undefined
  /** Milliseconds since the epoch. */
  now: number
  /**
   * Milliseconds until an unsent event counts as left behind, and that its time may be ahead of ours: that of one who died with a clock
   * further ahead would hold it up. From a clock behind all look so, and what is under way is published twice, which is harmless.
   */
  grace: number
  /** Milliseconds that a sent event is kept. */
  keep: number
}

/** Documents in one sweep at most; the next goes on. */
const SWEEP_LIMIT = 5_000

/**
 * Removes from the outboxes of a collection what was sent long ago, and tombstones with it when nothing else is left in them.
 * Returns the events that are to be published again. Both are found in one query, which is a full scan on some servers.
 */
export async function sweepCollection(collection: Collection<AggregateDocument>, { run, now, grace, keep }: Sweep) {
  const [from, to, sentBefore] = [new Date(now - grace), new Date(now + grace), new Date(now - keep)]
  const isUnsent = (entry: OutboxEntry) => (run === undefined ? entry.run === undefined : entry.run !== run)
  const isLeft = (entry: OutboxEntry) => isUnsent(entry) && (entry.at < from || entry.at > to)
  const isOver = (entry: OutboxEntry) => run !== undefined && entry.run === run && entry.sentAt! < sentBefore
  const over = { run: run!, sentAt: { $lt: sentBefore } }
  const left = { run: run === undefined ? { $exists: false } : { $ne: run }, at: { $not: { $gte: from, $lte: to } } }
  const sought = run === undefined ? [left] : [left, over]
  const documents = await collection
    .find({ 'outbox.0': { $exists: true }, $or: sought.map(entry => ({ outbox: { $elemMatch: entry } })) })
    .project<Pick<AggregateDocument, '_id' | 'removedAt'> & { outbox: OutboxEntry[] }>({ outbox: 1, removedAt: 1 })
    .limit(SWEEP_LIMIT)
    .toArray()

  const gone = documents.filter(({ removedAt, outbox }) => removedAt && outbox.every(isOver)).map(({ _id }) => _id)
  const grown = documents.filter(({ outbox }) => outbox.some(isOver)).map(({ _id }) => _id)
  if (gone.length > 0) await collection.deleteMany({ _id: { $in: gone } })
  if (grown.length > 0) await collection.updateMany({ _id: { $in: grown } }, { $pull: { outbox: over } })
  return documents.map(({ _id, outbox }) => ({ _id, entries: outbox.filter(isLeft) }))
}

/** Indexes the outboxes that hold something, so that a sweep reads no others. */
export const createSweepIndex = (collection: Collection<AggregateDocument>) =>
  collection.createIndex(
    { 'outbox.run': 1, 'outbox.sentAt': 1 },
    { name: 'outbox', partialFilterExpression: { 'outbox.0': { $exists: true } } }
  )
