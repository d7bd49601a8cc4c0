import { LEVELS, levelOf, parseEntry } from '../output/log-line.ts'

/** One line of a log. */
export type LogEntry = {
  /** The name of the log: of a service, a store, or `load`. */
  source: string
  /** When it was written, in milliseconds since the epoch. A line without a time has that of the line before. */
  time: number
  /** Its level as pino's number; undefined for a line that does not show it. */
  level: number | undefined
  /** The line as it was written. */
  raw: string
  /** The fields of a line of JSON. */
  fields?: Record<string, unknown>
}

/** Parses the lines of one log in their order. */
export type EntryParser = (raw: string, time?: number) => LogEntry

/** `123:M 30 Nov 2026 12:00:01.123 * Ready`: the format of Redis, in local time. */
const REDIS = /^\d+:[A-Z] (\d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}) ([.*#-]) /
const REDIS_LEVELS: Record<string, number> = { '.': 10, '-': 20, '*': 30, '#': 40 }
/** A time at the start of a line, as most other programs write it. */
const ISO = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)/
/** The levels of MongoDB's log, by their letter. */
const MONGODB_LEVELS: Record<string, number> = { D: 20, I: 30, W: 40, E: 50, F: 60 }

/** Makes the parser of a log. `time` of a line overrides the time in its text. */
export function entryParser(source: string): EntryParser {
  let last = 0
  return (raw, time) => {
    const fields = parseEntry(raw)
    const parsed = fields ? ofJson(fields) : ofText(raw)
    last = time ?? parsed.time ?? last
    return { source, time: last, level: parsed.level, raw, ...(fields && { fields: parsed.fields ?? fields }) }
  }
}

type Parsed = { time?: number | undefined; level?: number | undefined; fields?: Record<string, unknown> }

function ofJson(fields: Record<string, unknown>): Parsed {
  const { t, s, msg, attr } = fields as { t?: { $date?: string }; s?: string; msg?: string; attr?: object }
  // MongoDB writes its own fields (Manual, Log Messages).
  if (t?.$date !== undefined) {
    const level = MONGODB_LEVELS[s?.[0] ?? '']
    return { time: timeOf(t.$date), level, fields: { level: level ?? LEVELS.info, msg, attr } }
  }
  return { time: timeOf(fields.time), level: levelOf(fields) }
}

function ofText(raw: string): Parsed {
  const redis = REDIS.exec(raw)
  if (redis) return { time: timeOf(redis[1]), level: REDIS_LEVELS[redis[2]!] }
  return { time: timeOf(ISO.exec(raw)?.[1]?.replace(',', '.')) }
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'number' ? value : Date.parse(String(value))
  return Number.isNaN(time) ? undefined : time
}
