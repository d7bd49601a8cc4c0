import type { LogEntry } from './entry.ts'

export type LogFilter = {
  /** The earliest time (ms since the epoch). */
  since?: number | undefined
  /** The lowest level, as pino's number. Lines that show no level pass. */
  level?: number | undefined
  /** The start of the ID of a trace or a request. */
  trace?: string | undefined
}

/** The fields with IDs of a trace or a request. */
const ID_FIELDS = ['traceId', 'requestId', 'clientTraceId', 'clientRequestId']

/** True if an entry passes the filter. */
export function passes({ since = 0, level = 0, trace }: LogFilter, entry: LogEntry): boolean {
  if (entry.time < since || (entry.level ?? Number.POSITIVE_INFINITY) < level) return false
  return trace === undefined || ID_FIELDS.some(name => String(entry.fields?.[name] ?? '').startsWith(trace))
}
