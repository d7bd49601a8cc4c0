import type { Route } from './routing.ts'

/** How long things may take, in milliseconds. */
export type ProxyTimes = {
  /** Until the answer of a read begins. A service's own calls take a second each at most: a slower read will not come. */
  read: number
  /** Until the answer of a change begins. */
  change: number
  /** Until the answer of an upload begins. */
  upload: number
  /** Until more of an upload comes. */
  uploadStall: number
  /** A whole stream. It is longer than the minute after which services end one. */
  stream: number
  /** While an answer is read: in which some byte must reach the client. */
  stall: number
  /** In which the client must have read the whole answer. */
  answer: number
}

/** The times of a gateway that runs. */
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

/** Milliseconds that a request may take where its caller is in no hurry. */
export function usualTime(times: ProxyTimes, method: string, { streams, input }: Route) {
  if (streams) return times.stream
  if (input.upload) return times.upload
  return isRead(method) ? times.read : times.change
}
