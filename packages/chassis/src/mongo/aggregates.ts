import type { Collection, Db, Filter } from 'mongodb'
import {
  type EventType,
  earlierResult,
  type MadeBy,
  pendingEvent,
  preconditionFailed,
  type Trace
} from '../contract/index.ts'
import { type Clock, notFound, Problem, pauseAfter, tooContended, unavailable, WRITE_ATTEMPTS } from '../core/index.ts'
import { batchWrites, type Modification } from './aggregate-batches.ts'
import {
  type AggregateDocument,
  aggregateOf,
  type Change,
  difference,
  documentOf,
  type StoredAggregate,
  type Versioned
} from './aggregate-document.ts'
import type { MongoOutbox } from './outbox.ts'

export { type Change, edited, type Versioned } from './aggregate-document.ts'

type Options<T> = {
  db: Db
  collection: string
  /** The shape of the state that this release writes. */
  schemaVersion: number
  outbox: Pick<MongoOutbox, 'watch'>
  clock: Clock
  /** Events that the outbox of one aggregate holds at most. */
  cap?: number
  /** Told of each aggregate as this replica has just written it, but for those of batches and for what is removed. */
  onWritten?: (aggregate: Versioned<T>) => void
}

export type Aggregates<T extends { id: string }> = ReturnType<typeof aggregates<T>>

/**
 * A collection of aggregates: each one document, with an optimistic version, and with its events until they are published.
 * Every write fails with a 503 when the outbox is full; a duplicate key comes as the driver's error with code 11000.
 * A unique index over a field of aggregates that are removed must be sparse: tombstones have no fields, and so a key is free again
 * as soon as its aggregate is removed. The embedded MongoDB has a sparse one see an array of values (`skus`), but no field of
 * objects in an array (`variants.sku`).
 */
export function aggregates<T extends { id: string }>(options: Options<T>) {
  const { db, schemaVersion, outbox, clock, cap = 32, onWritten } = options
  const collection: Collection<AggregateDocument> = db.collection(options.collection, { ignoreUndefined: true })
  const { enqueue, currentRun } = outbox.watch(collection)
  const readable = { projection: { outbox: 0, schemaVersion: 0, madeBy: 0 } }

  const unlessRemoved = (document: AggregateDocument | null): Versioned<T> | null =>
    document && !document.removedAt ? aggregateOf<T>(document) : null

  const pending = (events: EventType[], version: number, trace: Trace) =>
    events.map(event => pendingEvent(event, version, clock.now(), trace))

  const creation = ({ state, events }: Change<T>, trace: Trace) =>
    documentOf(state, schemaVersion, pending(events, 1, trace))

  /** The write of a change to what was read; undefined where there is nothing to write. */
  function modification(before: Versioned<T>, { state, events }: Change<T>, trace: Trace): Modification<T> | undefined {
    const fields = difference(before, state)
    if (!fields && events.length === 0) return undefined
    const version = before.version + 1
    const entries = pending(events, version, trace)
    const hasEvents = entries.length > 0
    return {
      entries,
      filter: {
        _id: before.id,
        version: before.version,
        ...(hasEvents && { [lastFree(entries.length)]: { $exists: false } })
      },
      update: {
        $set: { ...fields?.$set, version, schemaVersion },
        ...(fields?.$unset && { $unset: fields.$unset }),
        ...(hasEvents && { $push: { outbox: { $each: entries } } })
      },
      after: { ...state, version }
    }
  }

  /** The place in the outbox that must be free so that `count` more events fit. */
  const lastFree = (count: number) => `outbox.${cap - count}`

  /**
   * Drops from a full outbox what the present run of the log has: an earlier one may have been lost with its tail. Throws a 503 when
   * nothing can go, as while the log is away.
   */
  async function makeRoom(id: string, count: number) {
    const full = { _id: id, [lastFree(count)]: { $exists: true } }
    if (!(await collection.findOne(full, { projection: { _id: 1 } }))) return
    const present = await currentRun().catch(cause => {
      throw unavailable('The event log', 1, cause)
    })
    const { matchedCount, modifiedCount } = await collection.updateOne(full, { $pull: { outbox: { run: present } } })
    if (matchedCount > modifiedCount) throw unavailable('The event log', 1, new Error(`The outbox of ${id} is full`))
  }

  /** Those of the aggregates that exist, in the order of `ids`. */
  async function byIds(ids: string[]): Promise<Versioned<T>[]> {
    const documents = await collection.find({ _id: { $in: ids } }, readable).toArray()
    const present = new Map(documents.filter(({ removedAt }) => !removedAt).map(found => [found._id, found]))
    return ids.flatMap(id => present.get(id) ?? []).map(aggregateOf<T>)
  }

  /** A cursor over the aggregates that match, to sort and limit. */
  const find = (filter: Filter<StoredAggregate<T>>) =>
    collection
      .find({ ...(filter as Filter<AggregateDocument>), removedAt: { $exists: false } }, readable)
      .map(document => aggregateOf<T>(document))

  /**
   * Stores a new aggregate as version 1. With `madeBy`, returns the one that an earlier request with the same key made, as it is
   * now; 422 where that asked for something else, 409 where it was removed since. `indexKeys` must have been called then. One document is made or not: it is
   * never seen half done.
   */
  async function insert(state: T, events: EventType[], trace: Trace, madeBy?: MadeBy): Promise<Versioned<T>> {
    const document = { ...creation({ state, events }, trace), ...(madeBy && { madeBy }) }
    try {
      await collection.insertOne(document)
    } catch (error) {
      const earlier = madeBy && (await madeBefore(madeBy))
      if (!earlier) throw error
      return earlier
    }
    enqueue(document._id, document.outbox ?? [])
    const after = { ...state, version: 1 }
    onWritten?.(after)
    return after
  }

  /** The aggregate that an earlier request with the same key made, as it is now; 422 where that asked for something else, 409 where it was removed. */
  async function madeBefore(madeBy: MadeBy): Promise<Versioned<T> | undefined> {
    const earlier = await collection.findOne({ 'madeBy.key': madeBy.key })
    if (!earlier?.madeBy) return undefined
    return earlierResult(earlier.madeBy, madeBy, async () => unlessRemoved(earlier))
  }

  /** Whether a change could be written: another was not faster, and its events fit. */
  async function isWritten({ filter, update, entries, after }: Modification<T>) {
    const { matchedCount } = await collection.updateOne(filter, update)
    if (matchedCount === 1) {
      enqueue(filter._id, entries)
      if (!('removedAt' in after)) onWritten?.(after)
    }
    return matchedCount === 1
  }

  /**
   * `byId`, `change` and `remove` for those of the aggregates only that are the caller's, as `isMine` says of each: any other is
   * not there, and that is told before its version is. So who tries IDs of others learns nothing of them.
   */
  function owned(isMine: (aggregate: Versioned<T>) => boolean) {
    async function byId(id: string): Promise<Versioned<T> | null> {
      const aggregate = unlessRemoved(await collection.findOne({ _id: id }, readable))
      return aggregate && isMine(aggregate) ? aggregate : null
    }

    /**
     * Changes an aggregate by a pure rule and returns what it became. The rule is run again when another change came first,
     * unless `expected` is given: then a version other than that is a 412. 404 where there is no such aggregate. Given what was
     * just read in place of the ID, it spares the reading: where that is not what is stored any more, or nothing comes of the
     * rule, it is read as usual.
     */
    async function change(
      of: string | Versioned<T>,
      expected: number | undefined,
      rule: (state: Versioned<T>) => Change<T>,
      trace: Trace
    ): Promise<Versioned<T>> {
      const id = typeof of === 'string' ? of : of.id
      const early = typeof of === 'string' || expected !== undefined ? undefined : modification(of, rule(of), trace)
      if (early && (await isWritten(early))) return early.after
      for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
        const before = await byId(id)
        if (!before) throw notFound()
        if (expected !== undefined && before.version !== expected) throw preconditionFailed(before.version)
        const write = modification(before, rule(before), trace)
        if (!write) return before
        if (await isWritten(write)) return write.after
        await makeRoom(id, write.entries.length)
        await pauseAfter(attempt)
      }
      throw tooContended('The resource', id)
    }

    /**
     * Removes an aggregate and all its state. A tombstone without state stays until the events are out and for ten minutes more,
     * which is why there must be one; no read, list or unique key sees it, only its ID and its request's key are not free yet.
     * Errors as those of `change`.
     */
    async function remove(id: string, expected: number | undefined, events: [EventType, ...EventType[]], trace: Trace) {
      await change(id, expected, () => ({ state: { id, removedAt: clock.now() } as unknown as T, events }), trace)
    }

    return { byId, change, remove }
  }

  const all = owned(() => true)

  /**
   * As that of `owned`, but for who sends the same removal again while its tombstone is there: it is done, which is no error. A
   * tombstone has no owner, so `owned` answers a 404 then.
   */
  async function remove(id: string, expected: number | undefined, events: [EventType, ...EventType[]], trace: Trace) {
    try {
      await all.remove(id, expected, events, trace)
    } catch (error) {
      const isGone = error instanceof Problem && error.status === 404
      if (!isGone || !(await isRemoved(id, expected))) throw error
    }
  }

  /** Whether there is a tombstone, and of the version that `expected` became. */
  async function isRemoved(id: string, expected: number | undefined) {
    const version = expected === undefined ? {} : { version: expected + 1 }
    return (await collection.countDocuments({ _id: id, removedAt: { $exists: true }, ...version })) === 1
  }

  return {
    /** For queries and indexes of the service's own. Its documents are as stored: tombstones and outboxes too. */
    collection: collection as unknown as Collection<StoredAggregate<T>>,
    ...all,
    remove,
    owned,
    byIds,
    find,
    insert,
    madeBefore,
    /** Makes the keys of requests unique. */
    indexKeys: () => collection.createIndex({ 'madeBy.key': 1 }, { unique: true, sparse: true }),
    ...batchWrites<T>({ collection, enqueue, creation, modification, byIds, change: all.change })
  }
}
