import type { EventLog } from '@bulkhead/chassis/events'
import { pino } from 'pino'

/** A log that writes nothing. */
export const silentLog = pino({ level: 'silent' })

/** Creates a log that keeps its lines for a test. */
export function recordingLog() {
  const lines: Record<string, unknown>[] = []
  const log = pino({}, { write: line => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

/** An event log that accepts every event and keeps none. */
export const silentEventLog: EventLog = {
  append: async () => '',
  run: async () => '',
  trim: async () => undefined
}
