import type { EventLog } from '@bulkhead/chassis/events'
import { pino } from 'pino'

/** A log that nobody reads. */
export const silentLog = pino({ level: 'silent' })

/** A log whose lines a test reads. */
export function recordingLog() {
  const lines: Record<string, unknown>[] = []
  const log = pino({}, { write: line => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

/** An event log that takes every event and keeps none: relaying is the chassis's to test. */
export const silentEventLog: EventLog = {
  append: async () => '',
  run: async () => '',
  trim: async () => undefined
}
