import { isDeepStrictEqual } from 'node:util'
import type { EventType, MadeBy, PendingEvent } from '../contract/index.ts'

/** The result of a rule: the new state, and the events to publish with it. */
export type Change<T> = { state: T; events: EventType[] }

/** Returns the change to `state` with its event. If `state` equals `before`, there is no event, and the version stays the same. */
export const edited = <T extends object>(before: T, state: T, event: EventType): Change<T> => ({
  state,
  events: difference(before, state) ? [event] : []
})

/** An aggregate as it is read. `version` counts its changes, from 1. */
export type Versioned<T> = T & { version: number }

/**
 * An event in its aggregate's document. Once it is published, `sentAt` is the time of that, and `run` is the run of the log that has the
 * event.
 */
export type OutboxEntry = PendingEvent & { sentAt?: Date; run?: string }

/** An aggregate as it is stored: its state, and the fields of the chassis. */
export type AggregateDocument = {
  _id: string
  version: number
  schemaVersion: number
  outbox?: OutboxEntry[]
  /** The request that made the aggregate, if it had an `Idempotency-Key`. */
  madeBy?: MadeBy
  /**
   * The time of the removal. Only a tombstone has it: the document of a removed aggregate, which has no state and stays until its events
   * are published.
   */
  removedAt?: Date
}

/** The document of an aggregate with the fields of its state, for queries. */
export type StoredAggregate<T> = AggregateDocument & Omit<T, 'id' | 'version'>

/** Returns the document of a new aggregate. */
export function documentOf(
  { id, ...fields }: { id: string },
  schemaVersion: number,
  outbox: OutboxEntry[]
): AggregateDocument {
  const document: AggregateDocument = { ...fields, _id: id, version: 1, schemaVersion }
  return outbox.length === 0 ? document : { ...document, outbox }
}

/** Returns the aggregate in a document, without the fields of the chassis. */
export function aggregateOf<T>(document: AggregateDocument): Versioned<T> {
  const { _id, schemaVersion, outbox, madeBy, removedAt, ...fields } = document
  return Object.assign(fields, { id: _id }) as unknown as Versioned<T>
}

/** The fields to set and to remove in a document. */
type FieldChanges = { $set: Record<string, unknown>; $unset: Record<string, ''> }

/** Returns the fields to write so that `before` becomes `after`; undefined if they are equal. An undefined field counts as missing. */
export function difference(before: object, after: object): FieldChanges | undefined {
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

/** The fields that a document stores in a different form. */
const keptApart = new Set(['id', 'version'])
