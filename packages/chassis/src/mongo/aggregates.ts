import type { Collection, Db, Filter, FindCursor } from 'mongodb'
import {
  type EventType,
  earlierResult,
  type MadeBy,
  pendingEvent,
  preconditionFailed,
  type Trace
} from '../contract/index.ts'
import { type Clock, notFound, Problem, pauseAfter, tooContended, unavailable, WRITE_ATTEMPTS } from '../core/index.ts'
import { type BatchWrites, batchWrites, type Modification, type Rule } from './aggregate-batches.ts'
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
import { isDuplicateKey } from './unique-keys.ts'

/** The options of `aggregates`. */
export type AggregatesOptions = {
  db: Db
  collection: string
  /** The version of the state's schema that this release writes. */
  schemaVersion: number
  outbox: Pick<MongoOutbox, 'watch'>
  clock: Clock
  /** Maximum number of events in the outbox of one aggregate. */
  cap?: number
}

/** The aggregates that a caller owns. All others do not exist for that caller, whatever their version, so guessing IDs reveals nothing. */
type OwnedAggregates<T> = {
  byId(id: string): Promise<Versioned<T> | null>
  /**
   * Changes an aggregate by a pure rule and returns its new state. With `expected`, throws a 412 if the aggregate has a different version.
   * Without it, calls the rule again if another change came first. Throws a 404 if the aggregate does not exist. Pass the aggregate instead
   * of its ID to skip a read: if it has changed since, or the rule changes nothing, it is read after all.
   */
  change(
    target: string | Versioned<T>,
    expected: number | undefined,
    rule: Rule<T>,
    trace: Trace
  ): Promise<Versioned<T>>
  /**
   * Removes an aggregate. Its tombstone keeps the events, of which there must be one, until ten minutes after they are published. Reads,
   * lists and unique keys do not see it, but its ID and the key of the request that made it stay taken until then. Throws like `change`.
   */
  remove(id: string, expected: number | undefined, events: [EventType, ...EventType[]], trace: Trace): Promise<void>
}

/**
 * A collection of aggregates. Each aggregate is one document, with an optimistic version, and with its events until they are published.
 * Every write fails with a 503 while the aggregate's outbox is full. A write with a taken unique key fails with the driver's error with
 * code 11000.
 */
export type Aggregates<T extends { id: string }> = BatchWrites<T> &
  OwnedAggregates<T> & {
    /** The collection, for the service's own queries and indexes. It has the documents as they are stored, with tombstones and outboxes. */
    collection: Collection<StoredAggregate<T>>
    /** Limits reads and changes to the aggregates for which `isMine` returns true. */
    owned(isMine: (aggregate: Versioned<T>) => boolean): OwnedAggregates<T>
    /** Returns the aggregates that exist, in the order of `ids`. */
    byIds(ids: string[]): Promise<Versioned<T>[]>
    /** Returns a cursor over the matching aggregates, to sort and limit. */
    find(filter: Filter<StoredAggregate<T>>): FindCursor<Versioned<T>>
    /**
     * Stores a new aggregate as version 1. With `madeBy`, returns the current state of the aggregate that an earlier request with the same
     * key made; throws a 422 if that request had a different input, and a 409 if the aggregate was removed. This needs `indexKeys`.
     */
    insert(state: T, events: EventType[], trace: Trace, madeBy?: MadeBy): Promise<Versioned<T>>
    /** Returns the aggregate that an earlier request with the same key made, as `insert` does; undefined if there was none. */
    madeBefore(madeBy: MadeBy): Promise<Versioned<T> | undefined>
    /** Creates the unique index of the requests' keys. Returns its name. */
    indexKeys(): Promise<string>
  }

/**
 * Opens a collection of aggregates. If aggregates are removed, a unique index over one of their fields must be sparse. Tombstones have no
 * fields, so the key is free as soon as its aggregate is removed. On the embedded MongoDB, a sparse index covers an array of values
 * (`skus`), but not a field of the objects in an array (`variants.sku`).
 */
export function aggregates<T extends { id: string }>(options: AggregatesOptions): Aggregates<T> {
  const { db, schemaVersion, outbox, clock, cap = 32 } = options
  const collection: Collection<AggregateDocument> = db.collection(options.collection, { ignoreUndefined: true })
  const { enqueue, currentRun } = outbox.watch(collection)
  const readable = { projection: { outbox: 0, schemaVersion: 0, madeBy: 0 } }

  const unlessRemoved = (document: AggregateDocument | null): Versioned<T> | null =>
    document && !document.removedAt ? aggregateOf<T>(document) : null

  const pending = (events: EventType[], version: number, trace: Trace) =>
    events.map(event => pendingEvent(event, version, clock.now(), trace))

  const creation = ({ state, events }: Change<T>, trace: Trace) =>
    documentOf(state, schemaVersion, pending(events, 1, trace))

  /** Returns the write of a change; undefined if there is nothing to write. */
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

  /** Returns the place in the outbox that must be free so that `count` more events fit. */
  const lastFree = (count: number) => `outbox.${cap - count}`

  /**
   * Removes from a full outbox the events that the current run of the log has. An earlier run may have lost its last entries. Throws a 503
   * if no event can be removed, and while the log is unavailable.
   */
  async function makeRoom(id: string, count: number) {
    const full = { _id: id, [lastFree(count)]: { $exists: true } }
    if (!(await collection.findOne(full, { projection: { _id: 1 } }))) return
    const runId = await currentRun().catch(cause => {
      throw unavailable('The event log', 1, cause)
    })
    const { matchedCount, modifiedCount } = await collection.updateOne(full, { $pull: { outbox: { run: runId } } })
    if (matchedCount > modifiedCount) throw unavailable('The event log', 1, new Error(`The outbox of ${id} is full`))
  }

  async function byIds(ids: string[]): Promise<Versioned<T>[]> {
    const documents = await collection.find({ _id: { $in: ids } }, readable).toArray()
    const present = new Map(documents.filter(({ removedAt }) => !removedAt).map(document => [document._id, document]))
    return ids.flatMap(id => present.get(id) ?? []).map(aggregateOf<T>)
  }

  const find = (filter: Filter<StoredAggregate<T>>) =>
    collection
      .find({ ...(filter as Filter<AggregateDocument>), removedAt: { $exists: false } }, readable)
      .map(document => aggregateOf<T>(document))

  async function insert(state: T, events: EventType[], trace: Trace, madeBy?: MadeBy): Promise<Versioned<T>> {
    const document: AggregateDocument = { ...creation({ state, events }, trace), madeBy }
    try {
      await collection.insertOne(document)
    } catch (error) {
      // After any other error the document may still be rolled back, so reading it proves nothing.
      const earlier = madeBy && isDuplicateKey(error) && (await madeBefore(madeBy))
      if (!earlier) throw error
      return earlier
    }
    enqueue(document._id, document.outbox ?? [])
    return { ...state, version: 1 }
  }

  async function madeBefore(madeBy: MadeBy): Promise<Versioned<T> | undefined> {
    const earlier = await collection.findOne({ 'madeBy.key': madeBy.key })
    if (!earlier?.madeBy) return undefined
    return earlierResult(earlier.madeBy, madeBy, async () => unlessRemoved(earlier))
  }

  /** Writes a change. Returns true if the write won: no other change came first, and the events fit in the outbox. */
  async function write({ filter, update, entries }: Modification<T>) {
    const { matchedCount } = await collection.updateOne(filter, update)
    if (matchedCount === 1) enqueue(filter._id, entries)
    return matchedCount === 1
  }

  function owned(isMine: (aggregate: Versioned<T>) => boolean): OwnedAggregates<T> {
    async function byId(id: string): Promise<Versioned<T> | null> {
      const aggregate = unlessRemoved(await collection.findOne({ _id: id }, readable))
      return aggregate && isMine(aggregate) ? aggregate : null
    }

    async function change(
      target: string | Versioned<T>,
      expected: number | undefined,
      rule: Rule<T>,
      trace: Trace
    ): Promise<Versioned<T>> {
      const id = typeof target === 'string' ? target : target.id
      if (typeof target !== 'string' && expected === undefined) {
        const modified = modification(target, rule(target), trace)
        if (modified && (await write(modified))) return modified.after
      }
      for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
        const before = await byId(id)
        if (!before) throw notFound()
        if (expected !== undefined && before.version !== expected) throw preconditionFailed(before.version)
        const modified = modification(before, rule(before), trace)
        if (!modified) return before
        if (await write(modified)) return modified.after
        await makeRoom(id, modified.entries.length)
        await pauseAfter(attempt)
      }
      throw tooContended('The resource', id)
    }

    async function remove(id: string, expected: number | undefined, events: [EventType, ...EventType[]], trace: Trace) {
      await change(id, expected, () => ({ state: { id, removedAt: clock.now() } as unknown as T, events }), trace)
    }

    return { byId, change, remove }
  }

  const all = owned(() => true)

  /**
   * Removes an aggregate like `remove` of `owned`, but a repeated removal is no error while the tombstone exists. `owned` can't do so: a
   * tombstone has no owner.
   */
  async function remove(id: string, expected: number | undefined, events: [EventType, ...EventType[]], trace: Trace) {
    try {
      await all.remove(id, expected, events, trace)
    } catch (error) {
      const isGone = error instanceof Problem && error.status === 404
      if (!isGone || !(await isRemoved(id, expected))) throw error
    }
  }

  /** Returns whether there is a tombstone whose removal expected the version `expected`. */
  async function isRemoved(id: string, expected: number | undefined) {
    const version = expected === undefined ? {} : { version: expected + 1 }
    return (await collection.countDocuments({ _id: id, removedAt: { $exists: true }, ...version })) === 1
  }

  return {
    collection: collection as unknown as Collection<StoredAggregate<T>>,
    ...all,
    remove,
    owned,
    byIds,
    find,
    insert,
    madeBefore,
    indexKeys: () => collection.createIndex({ 'madeBy.key': 1 }, { unique: true, sparse: true }),
    ...batchWrites<T>({ collection, enqueue, creation, modification, byIds, change: all.change })
  }
}
