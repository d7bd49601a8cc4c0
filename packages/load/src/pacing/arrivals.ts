import { setTimeout as delay } from 'node:timers/promises'

/** Why an arrival was dropped: `full` if too many visits were open, `late` if this process fell behind. */
export type DropReason = 'full' | 'late'

export type Arrivals = {
  /** The mean number of arrivals per second. The gaps between them are random (a Poisson process). */
  perSecond: number
  /** Maximum number of visits that are open at the same time. */
  most: number
  /** Starts a visit. Resolves when it is over, and never rejects. */
  visit: () => Promise<void>
  /** Called with the number of arrivals that were dropped. */
  dropped: (reason: DropReason, count: number) => void
  /** Ends the arrivals when aborted. */
  signal: AbortSignal
  /** A number from 0 to below 1. */
  random?: () => number
}

/** How far the arrivals may fall behind (ms) until the missed ones are dropped. */
const LATE_MS = 1_000

/**
 * Starts visits at random times, whether or not earlier ones are over (an open model). Drops arrivals instead of queueing them, when too
 * many visits are open or when this process is late. Resolves after `signal`, when all visits are over.
 */
export async function runArrivals({ perSecond, most, visit, dropped, signal, random = Math.random }: Arrivals) {
  const open = new Set<Promise<void>>()
  let due = performance.now()
  while (!signal.aborted) {
    due += (-Math.log(1 - random()) * 1_000) / perSecond
    await pause(due - performance.now(), signal)
    if (signal.aborted) break
    const behind = performance.now() - due
    if (behind > LATE_MS) {
      dropped('late', Math.max(1, Math.round((behind * perSecond) / 1_000)))
      due = performance.now()
    } else if (open.size >= most) {
      dropped('full', 1)
    } else {
      const visiting = visit().finally(() => open.delete(visiting))
      open.add(visiting)
    }
  }
  await Promise.all(open)
}

/** Waits, or returns early when `signal` aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return
  await delay(milliseconds, undefined, { signal }).catch(error => {
    if (!signal.aborted) throw error
  })
}
