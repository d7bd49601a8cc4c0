/** The failed attempts of one subject. */
export type FailedAttempts = { count: number; lastAt: Date }

/** The first `free` attempts cause no wait. Each further attempt doubles the wait, from `first` up to `max` milliseconds. */
export type DelayRule = { free: number; first: number; max: number }

/** Allows about 100 guesses a day (NIST SP 800-63B, section 5.2.2). */
export const ACCOUNT_DELAY: DelayRule = { free: 5, first: 30_000, max: 900_000 }
/** Starts after many failures, because a whole office may share one address. */
export const ADDRESS_DELAY: DelayRule = { free: 50, first: 1_000, max: 60_000 }

/** How long failures count after the last failure (ms). */
export const MEMORY_MS = 24 * 3_600_000

/** Returns how long the subject must wait at `now` (ms), or 0. */
export function getDelay(attempts: FailedAttempts | null, { free, first, max }: DelayRule, now: Date): number {
  if (!attempts || isForgotten(attempts, now) || attempts.count < free) return 0
  const delay = Math.min(max, first * 2 ** (attempts.count - free))
  return Math.max(0, attempts.lastAt.getTime() + delay - now.getTime())
}

export const isForgotten = ({ lastAt }: FailedAttempts, now: Date) => now.getTime() - lastAt.getTime() > MEMORY_MS
