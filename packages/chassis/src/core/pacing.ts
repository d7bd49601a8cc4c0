import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'

/** The log for the failures of a background loop, and the signal that ends the loop. */
export type LoopOptions = { log: Logger; signal: AbortSignal }

/**
 * Returns how long to wait after the failed attempt with this number (from 1), in milliseconds. The wait doubles with each attempt, from
 * `first` up to `max`. The result is random, between half of the wait and the whole, so that replicas that failed together do not retry
 * together.
 */
export const backoff = (attempt: number, first = 50, max = 5_000): number =>
  Math.min(max, first * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)

/** Waits `milliseconds`, or less if `signal` aborts. Never rejects, because a timer only fails when it is aborted. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, { signal }).catch(() => undefined)

/**
 * Settles like `work`, but rejects with the signal's reason as soon as it aborts. Use it for work that can hang: a command of ioredis waits
 * for ever if its connection is closed between two attempts to connect.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  return promise
}

/** Runs `task` until it succeeds, and returns its result. Rejects with its last error once `signal` aborts. `name` is for the log. */
export async function retry<T>(name: string, task: () => Promise<T>, { log, signal }: LoopOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task()
    } catch (error) {
      if (signal.aborted) throw error
      log.warn({ err: error, attempt }, `${name} failed and is tried again`)
      await pause(backoff(attempt), signal)
    }
  }
}

/**
 * Maximum interval, as a multiple of the minimum interval. One slow scan, such as while the store stood still, must not delay the next scan
 * for minutes.
 */
const MAX_STRETCH = 12

/** An interval that grows with the time of the scans that it separates. */
type Pace = {
  /** Runs a scan and measures its time. `scan` must not wait for other work. */
  measure<T>(scan: () => Promise<T>): Promise<T>
  /** Returns the time until the next scan, in milliseconds, for `repeat`. */
  interval(): number
}

/**
 * Spaces scans of a collection so that they take at most a twentieth of the time, because on the embedded server a scan reads all
 * documents. The interval is at least `minInterval` milliseconds and at most twelve times that.
 */
export function adaptivePace(minInterval: number): Pace {
  let scanTime = 0
  return {
    async measure(scan) {
      scanTime = 0
      const start = performance.now()
      const result = await scan()
      scanTime = performance.now() - start
      return result
    },
    interval: () => Math.min(Math.max(minInterval, scanTime * 20), minInterval * MAX_STRETCH)
  }
}

/**
 * Runs `task` again and again until `signal` aborts, with a pause of `interval()` milliseconds in between. A failure is logged and does not
 * end the loop. After a failure, the pause is at least the backoff. `name` is for the log.
 */
export async function repeat(
  name: string,
  task: () => Promise<unknown>,
  interval: () => number,
  { log, signal }: LoopOptions
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      await task()
      failures = 0
    } catch (error) {
      failures++
      if (!signal.aborted) log.warn({ err: error }, `${name} failed and is tried again`)
    }
    await pause(Math.max(interval(), failures && backoff(failures)), signal)
  }
}
