import type { EventLog } from '@bulkhead/chassis/event-log'
import { pino } from 'pino'

/** A log that nobody reads. */
export const silentLog = pino({ level: 'silent' })

/** An event log that takes every event and keeps none: relaying is the chassis's to test. */
export const silentEventLog: EventLog = {
  append: async () => '',
  run: async () => '',
  trim: async () => undefined
}
