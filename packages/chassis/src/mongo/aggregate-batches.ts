import type { Collection, UpdateFilter, WriteError } from 'mongodb'
import type { Trace } from '../contract/index.ts'
import { orNotFound } from '../core/index.ts'
import type { AggregateDocument, Change, OutboxEntry, Versioned } from './aggregate-document.ts'
import { refusedWrites } from './mongo-errors.ts'

/** Returns the change of an aggregate. It is a pure function, because it may be called again on a newer state. */
export type Rule<T> = (state: Versioned<T>) => Change<T>

/** A change as one update of its document. `after` is the aggregate after it. */
export type Modification<T> = {
  filter: { _id: string; version: number }
  update: UpdateFilter<AggregateDocument>
  entries: OutboxEntry[]
  after: Versioned<T>
}

/** The writes of single aggregates, on which batches are built. */
type SingleWrites<T> = {
  collection: Collection<AggregateDocument>
  enqueue: (id: string, entries: OutboxEntry[]) => void
  creation: (change: Change<T>, trace: Trace) => AggregateDocument
  modification: (before: Versioned<T>, change: Change<T>, trace: Trace) => Modification<T> | undefined
  byIds: (ids: string[]) => Promise<Versioned<T>[]>
  change: (id: string, expected: undefined, rule: Rule<T>, trace: Trace) => Promise<Versioned<T>>
}

/** The result of each item, in the order of the items. */
type Results<T> = PromiseSettledResult<Versioned<T>>[]

/**
 * Number of documents in one command. It is large enough that the round trip does not matter, and small enough that other commands do not
 * wait for long.
 */
const BATCH_SIZE = 500

/** Writes of many aggregates, for imports. An item that fails does not stop the others. Rejects if the store is unavailable. */
export type BatchWrites<T> = {
  /** Stores new aggregates, each as version 1. An aggregate whose key is taken fails with the driver's error with code 11000. */
  insertMany(changes: Change<T>[], trace: Trace): Promise<Results<T>>
  /**
   * Changes aggregates by a rule, each as `change` does. If other requests write at the same time, the rule may be called again on an
   * aggregate that it has already changed. It must then give the same result.
   */
  changeMany(ids: string[], rule: Rule<T>, trace: Trace): Promise<Results<T>>
}

/** Builds the batch writes of a collection. */
export function batchWrites<T extends { id: string }>({
  collection,
  enqueue,
  creation,
  modification,
  byIds,
  change
}: SingleWrites<T>): BatchWrites<T> {
  async function insertMany(changes: Change<T>[], trace: Trace): Promise<Results<T>> {
    const results: Results<T> = []
    for (const batch of batchesOf(changes)) {
      const documents = batch.map(change => creation(change, trace))
      const refused = await collection.insertMany(documents, { ordered: false }).then(() => new Map(), refusals)
      for (const [index, document] of documents.entries()) {
        const reason = refused.get(index)
        if (!reason) enqueue(document._id, document.outbox ?? [])
        results.push(reason ? { status: 'rejected', reason } : fulfilled({ ...batch[index]!.state, version: 1 }))
      }
    }
    return results
  }

  async function changeMany(ids: string[], rule: Rule<T>, trace: Trace): Promise<Results<T>> {
    const results: Results<T> = []
    for (const batch of batchesOf(ids)) results.push(...(await changeBatch(batch, rule, trace)))
    return results
  }

  async function changeBatch(ids: string[], rule: Rule<T>, trace: Trace): Promise<Results<T>> {
    const states = new Map((await byIds(ids)).map(state => [state.id, state]))
    const plans = await Promise.allSettled(
      ids.map(async id => {
        const before = orNotFound(states.get(id))
        return { before, write: modification(before, rule(before), trace) }
      })
    )
    const writes = plans.flatMap(plan => (plan.status === 'fulfilled' && plan.value.write) || [])
    const allWritten = await writeAll(writes)
    const results: Results<T> = []
    for (const [index, plan] of plans.entries()) {
      if (plan.status === 'rejected') results.push(plan)
      else if (!plan.value.write) results.push(fulfilled(plan.value.before))
      else if (allWritten) results.push(fulfilled(plan.value.write.after))
      else results.push(...(await Promise.allSettled([change(ids[index]!, undefined, rule, trace)])))
    }
    return results
  }

  /**
   * Writes a batch, and returns true if all changes were written. MongoDB does not report which were not, so the caller then writes them
   * one by one.
   */
  async function writeAll(writes: Modification<T>[]) {
    if (writes.length === 0) return true
    const updates = writes.map(({ filter, update }) => ({ updateOne: { filter, update } }))
    const matched = await collection
      .bulkWrite(updates, { ordered: false })
      .then(result => result.matchedCount, noneMatched)
    if (matched < writes.length) return false
    for (const { filter, entries } of writes) enqueue(filter._id, entries)
    return true
  }

  return { insertMany, changeMany }
}

const fulfilled = <T>(value: T): PromiseFulfilledResult<T> => ({ status: 'fulfilled', value })

function* batchesOf<T>(items: T[]) {
  for (let start = 0; start < items.length; start += BATCH_SIZE) yield items.slice(start, start + BATCH_SIZE)
}

/** Returns the errors of an unordered write by the index of their item. */
const refusals = (error: unknown): Map<number, WriteError> =>
  new Map(refusedWrites(error).map(refusal => [refusal.index, refusal]))

function noneMatched(error: unknown) {
  refusedWrites(error)
  return 0
}
