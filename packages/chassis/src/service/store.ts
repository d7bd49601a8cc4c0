import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type * as z from 'zod'
import type { Clock, FaultPoint } from '../core/index.ts'
import type { EventLog } from '../events/index.ts'

/** What a store is opened with. */
type Opening = {
  service: string
  /** The variables of the store, checked by its `variables`. */
  config: Record<string, unknown>
  /** Where its outbox publishes. */
  eventLog: EventLog
  clock: Clock
  log: Logger
  registry: Registry
  passFaultPoint: FaultPoint
}

/** An open store. */
type OpenStore<Handle> = {
  handle: Handle
  /** Starts to publish events, once the collections of the service are there. Missing where nothing is published. */
  startOutbox?(): Promise<void> | void
  /** Publishes the events that are left, and closes the connections. */
  close(): Promise<unknown>
}

/** The kind of store that a service owns. `Handle` is what the service gets of it, such as a database and an outbox. */
export type Store<Handle> = {
  /** The variables with its address. */
  variables: z.ZodRawShape
  /** Turns an error of the store into the problem it means; returns any other error as it is. */
  problemOf(error: unknown): unknown
  /** Opens it. Rejects if it does not answer in time: a store of records gates the start. */
  open(opening: Opening): Promise<OpenStore<Handle>>
}

/** For a service without a store. */
export const noStore = (): Store<object> => ({
  variables: {},
  problemOf: error => error,
  open: async () => ({ handle: {}, close: async () => undefined })
})
