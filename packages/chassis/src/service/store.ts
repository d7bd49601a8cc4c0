import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type * as z from 'zod'
import type { Clock, FaultPoint, MetricDefinition } from '../core/index.ts'
import type { EventLog } from '../events/index.ts'

/** The parts with which a store is opened. */
type StoreParts = {
  service: string
  /** The service's variables, with those of the store. */
  config: Record<string, unknown>
  /** The log to which the outbox publishes. */
  eventLog: EventLog
  clock: Clock
  log: Logger
  registry: Registry
  passFaultPoint: FaultPoint
}

/** An open store. */
type OpenStore<Handle> = {
  handle: Handle
  /** Starts to publish events. Call it after the service has opened its collections. Missing if the service publishes no events. */
  startOutbox?(): Promise<void> | void
  /** Publishes the remaining events, and closes the connections. */
  close(): Promise<unknown>
}

/** A kind of store. `Handle` is the access to it, such as a database and an outbox. */
export type Store<Handle> = {
  /** The schemas of its variables, such as its address. */
  variables: z.ZodRawShape
  /** The metrics that it registers. */
  metrics: MetricDefinition[]
  /** Converts an error of the store to a problem. Returns any other error unchanged. */
  problemOf(error: unknown): unknown
  /** Opens the store. A store of records rejects if it does not answer in time, so that the service does not start. */
  open(parts: StoreParts): Promise<OpenStore<Handle>>
}

/** Defines the store of a service that stores nothing. */
export const noStore = (): Store<object> => ({
  variables: {},
  metrics: [],
  problemOf: error => error,
  open: async () => ({ handle: {}, close: async () => undefined })
})
