import type { Route } from '../routing/route-table.ts'

/** Time limits, in milliseconds. */
export type ProxyTimes = {
  /** Until the answer of a read begins. A service waits a second at most for each of its own calls, so a slower answer will not come. */
  read: number
  /** Until the answer of a change begins. */
  change: number
  /** Until the answer of an upload begins. */
  upload: number
  /** Until more of an upload arrives. */
  uploadStall: number
  /** For a whole stream. It is longer than the minute after which services end one. */
  stream: number
  /** Until some byte of an answer reaches the client. */
  stall: number
  /** Until the client has read the whole answer. */
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

/** The time for a request whose caller sets no deadline (ms). */
export function usualTime(times: ProxyTimes, method: string, { streams, upload }: Route) {
  if (streams) return times.stream
  if (upload) return times.upload
  return isRead(method) ? times.read : times.change
}
