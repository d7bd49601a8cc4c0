/** One piece of work of a trace: a span, or a request or a message of a log. */
export type TraceEntry = {
  service: string
  /** What was done, such as an operation, or the text of a message. */
  name: string
  /** How it relates to its parent. A `message` is a line of a log, which has no duration. */
  kind: 'request' | 'call' | 'store' | 'event' | 'step' | 'message'
  /** When it began and ended, in milliseconds since the epoch. */
  start: number
  end: number
  /** The number of entries that contain it. */
  depth: number
  /** The HTTP status, or the reason of a failure. */
  result?: string | undefined
  isFailed: boolean
}

/** A trace, with its entries in the order in which they are shown: each one directly after its parent or an earlier sibling. */
export type Trace = {
  traceId: string
  source: 'spans' | 'logs'
  entries: TraceEntry[]
  /** The IDs of other traces that this one continues. */
  linked: string[]
}

/** Matches a W3C trace ID. */
export const TRACE_ID = /^[0-9a-f]{32}$/
