import { isDeepStrictEqual } from 'node:util'
import type { EventType, MadeBy, PendingEvent } from '../contract/index.ts'

/** What a rule returns: the state after it, and the events to be published with it. */
export type Change<T> = { state: T; events: EventType[] }

/** A change to `state`, with its event; without the event, and the version stays, if `state` has the fields of before. */
export const edited = <T extends object>(before: T, state: T, event: EventType): Change<T> => ({
  state,
  events: difference(before, state) ? [event] : []
})

/** An aggregate as it is read. `version` counts its changes, from 1. */
export type Versioned<T> = T & { version: number }

/** An event in its aggregate's document. `sentAt` and `run` are the relay's: when, and to which run of the log. */
export type OutboxEntry = PendingEvent & { sentAt?: Date; run?: string }

/** An aggregate as it is stored: its state, and beside it what the chassis keeps. */
export type AggregateDocument = {
  _id: string
  version: number
  schemaVersion: number
  outbox?: OutboxEntry[]
  /** The request that made it, where that had an Idempotency-Key. */
  madeBy?: MadeBy
  /** On a tombstone, which has no state left and stays until its events are out. */
  removedAt?: Date
}

/** The same with the fields of its state, for queries. */
export type StoredAggregate<T> = AggregateDocument & Omit<T, 'id' | 'version'>

/** The document of a new aggregate. */
export function documentOf({ id, ...fields }: { id: string }, schemaVersion: number, outbox: OutboxEntry[]) {
  const document: AggregateDocument = { ...fields, _id: id, version: 1, schemaVersion }
  return outbox.length === 0 ? document : { ...document, outbox }
}

/** The aggregate of a document, without what is not its state. */
export function aggregateOf<T>(document: AggregateDocument): Versioned<T> {
  const { _id, schemaVersion, outbox, madeBy, removedAt, ...fields } = document
  return Object.assign(fields, { id: _id }) as unknown as Versioned<T>
}

/** The fields to write so that `before` becomes `after`; undefined where they are the same. A field that is undefined is none. */
export function difference(before: object, after: object) {
  const old = new Map(Object.entries(before).filter(([, value]) => value !== undefined))
  const set: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(after)) {
    if (value === undefined || keptApart.has(field)) continue
    if (!isDeepStrictEqual(old.get(field), value)) set[field] = value
    old.delete(field)
  }
  const unset = Object.fromEntries(
    [...old.keys()].filter(field => !keptApart.has(field)).map(field => [field, '' as const])
  )
  const isSame = Object.keys(set).length === 0 && Object.keys(unset).length === 0
  return isSame ? undefined : { $set: set, $unset: unset }
}

const keptApart = new Set(['id', 'version'])
