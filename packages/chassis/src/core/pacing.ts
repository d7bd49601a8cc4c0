import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'

/** What work in the background needs: where it reports failures, and the signal that ends it. */
export type LoopOptions = { log: Logger; signal: AbortSignal }

/**
 * Milliseconds to wait before attempt number `attempt` (from 1): doubling from `first` up to `most`, and of that a random
 * part between a half and the whole, so that replicas which failed together don't come back together.
 */
export const backoff = (attempt: number, first = 50, most = 5_000) =>
  Math.min(most, first * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)

/** Waits `milliseconds`, or less when `signal` aborts. Never rejects: an abort is the timer's only failure. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, { signal }).catch(() => undefined)

/**
 * As `work`, but rejects with the signal's reason at once when that aborts: a command of ioredis, for one, waits for ever where its
 * connection is closed between two attempts.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  return promise
}

/** Runs `task` until it succeeds and returns its result; rejects with its last error once `signal` aborts. */
export async function retry<T>(what: string, task: () => Promise<T>, { log, signal }: LoopOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task()
    } catch (error) {
      if (signal.aborted) throw error
      log.warn({ err: error, attempt }, `${what} failed and is tried again`)
      await pause(backoff(attempt), signal)
    }
  }
}

/** Times the least interval: a scan during which the process or its store stood still looks long, and must not put the next off for minutes. */
const MOST_SPARED = 12

/**
 * The pace of work that scans a collection, as a query does where the store has no use of its index (the embedded server): `scanning`
 * measures the scan alone, not what is waited for beside it, and `interval`, for `repeat`, is `least` milliseconds or so many more that
 * the scans take a twentieth of the time, but no more than twelve times `least`.
 */
export function adaptivePace(least: number) {
  let took = 0
  return {
    async scanning<T>(scan: () => Promise<T>): Promise<T> {
      took = 0
      const start = performance.now()
      const result = await scan()
      took = performance.now() - start
      return result
    },
    interval: () => Math.min(Math.max(least, took * 20), least * MOST_SPARED)
  }
}

/**
 * Runs `task` again and again until `signal` aborts, `interval()` milliseconds apart. A failure is logged and does not end it; the next
 * run then waits for its backoff at least.
 */
export async function repeat(
  what: string,
  task: () => Promise<unknown>,
  interval: () => number,
  { log, signal }: LoopOptions
) {
  for (let failures = 0; !signal.aborted; ) {
    try {
      await task()
      failures = 0
    } catch (error) {
      failures++
      if (!signal.aborted) log.warn({ err: error }, `${what} failed and is tried again`)
    }
    await pause(Math.max(interval(), failures && backoff(failures)), signal)
  }
}
