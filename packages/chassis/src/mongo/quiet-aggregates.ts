import type { MadeBy } from '../contract/index.ts'
import { aggregates, type Versioned } from './aggregates.ts'

type Options = Omit<Parameters<typeof aggregates>[0], 'outbox' | 'cap'>

const nowhere = { watch: () => ({ enqueue: () => undefined, currentRun: async () => '' }) }
const untraced = { traceparent: '' }

/** Aggregates that publish nothing: they need no outbox and no trace, and their rules give the state alone. Else as `aggregates`. */
export function quietAggregates<T extends { id: string }>(options: Options) {
  const { collection, byId, find, indexKeys, insert, change } = aggregates<T>({ ...options, outbox: nowhere })
  return {
    collection,
    byId,
    find,
    indexKeys,
    insert: (state: T, madeBy?: MadeBy) => insert(state, [], untraced, madeBy),
    change: (of: string | Versioned<T>, rule: (state: Versioned<T>) => T) =>
      change(of, undefined, before => ({ state: rule(before), events: [] }), untraced)
  }
}
