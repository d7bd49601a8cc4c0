import type { Route } from '../routing/route-table.ts'

/** Time limits, in milliseconds. */
export type ProxyTimes = {
  /**
   * How long to wait until the answer to a read begins. A service waits at most a second for each of its own calls, so a slower answer is
   * not expected.
   */
  read: number
  /** How long to wait until the answer to a change begins. */
  change: number
  /** How long to wait until the answer to an upload begins. */
  upload: number
  /** How long an upload may pause. */
  uploadStall: number
  /** How long a stream may last. This is longer than the minute after which services end a stream. */
  stream: number
  /** How long the client may read no byte of an answer. */
  stall: number
  /** How long the client may take to read the whole answer. */
  answer: number
}

/** The time limits in production. */
export const TIMES: ProxyTimes = {
  read: 5_000,
  change: 10_000,
  upload: 600_000,
  uploadStall: 30_000,
  stream: 120_000,
  stall: 60_000,
  answer: 600_000
}

export const isRead = (method: string) => method === 'GET' || method === 'HEAD'

/** Returns the time limit for a request whose caller sets no deadline (ms). */
export function usualTime(times: ProxyTimes, method: string, { streams, upload }: Route) {
  if (streams) return times.stream
  if (upload) return times.upload
  return isRead(method) ? times.read : times.change
}
