import type { Collection, Filter, FindCursor } from 'mongodb'
import type { MadeBy } from '../contract/index.ts'
import type { StoredAggregate, Versioned } from './aggregate-document.ts'
import { type AggregatesOptions, aggregates } from './aggregates.ts'

type Options = Omit<AggregatesOptions, 'outbox' | 'cap'>

/** Aggregates without events, so their rules return the state alone. The functions are those of `Aggregates`. */
type QuietAggregates<T> = {
  collection: Collection<StoredAggregate<T>>
  byId(id: string): Promise<Versioned<T> | null>
  find(filter: Filter<StoredAggregate<T>>): FindCursor<Versioned<T>>
  indexKeys(): Promise<string>
  insert(state: T, madeBy?: MadeBy): Promise<Versioned<T>>
  change(target: string | Versioned<T>, rule: (state: Versioned<T>) => T): Promise<Versioned<T>>
}

const noOutbox = { watch: () => ({ enqueue: () => undefined, currentRun: async () => '' }) }
const noTrace = { traceparent: '' }

/** Opens a collection of aggregates without events. They need no outbox and no trace. */
export function quietAggregates<T extends { id: string }>(options: Options): QuietAggregates<T> {
  const { collection, byId, find, indexKeys, insert, change } = aggregates<T>({ ...options, outbox: noOutbox })
  return {
    collection,
    byId,
    find,
    indexKeys,
    insert: (state, madeBy) => insert(state, [], noTrace, madeBy),
    change: (target, rule) => change(target, undefined, before => ({ state: rule(before), events: [] }), noTrace)
  }
}
