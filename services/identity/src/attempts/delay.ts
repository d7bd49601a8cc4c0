/** Failed attempts of one kind, one after another. */
export type Attempts = { count: number; lastAt: Date }

/** `free` attempts cost nothing; each one more doubles the wait from `first` milliseconds up to `most`. */
export type Slowness = { free: number; first: number; most: number }

/** For one account: some 100 guesses a day, and a wait of a quarter of an hour at most (NIST SP 800-63B, section 5.2.2). */
export const OF_ACCOUNT: Slowness = { free: 5, first: 30_000, most: 900_000 }
/** For one address of clients, behind which may be a whole office: slow to begin. */
export const OF_ADDRESS: Slowness = { free: 50, first: 1_000, most: 60_000 }

/** Milliseconds after the last failure that are forgotten with it. */
export const FORGET_MS = 24 * 3_600_000

/** Milliseconds to wait at `now`; 0 for none. */
export function waitOf(attempts: Attempts | null, { free, first, most }: Slowness, now: Date): number {
  if (!attempts || isForgotten(attempts, now) || attempts.count < free) return 0
  const wait = Math.min(most, first * 2 ** (attempts.count - free))
  return Math.max(0, attempts.lastAt.getTime() + wait - now.getTime())
}

/** Whether they count no more. */
export const isForgotten = ({ lastAt }: Attempts, now: Date) => now.getTime() - lastAt.getTime() > FORGET_MS
