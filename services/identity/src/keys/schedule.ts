/** The times at which a key was created and at which it first signs. A key signs until a later key takes its place. */
export type Scheduled = { number: number; createdAt: Date; signsFrom: Date }

/** The length of each part of a key's life (ms). */
export type Schedule = {
  /** The time between the first signatures of two successive keys (ms). */
  period: number
  /** The time between the publication of a key and its first signature (ms). */
  ahead: number
  /** How long a key stays published after its last signature (ms). */
  after: number
}

const MINUTE_MS = 60_000

/** How long an access token is valid, even after its owner signed out (ms). */
export const ACCESS_TOKEN_MS = 15 * MINUTE_MS

export const SCHEDULE: Schedule = {
  period: 30 * 24 * 60 * MINUTE_MS,
  // Readers read the keys every 10 minutes and replicas every minute. Clocks may differ by 10 minutes.
  ahead: 30 * MINUTE_MS,
  // The last token of a key must expire before the key is removed, and clocks may differ.
  after: ACCESS_TOKEN_MS + 20 * MINUTE_MS
}

/** Returns the key that signs at `now`: the latest key whose time has come. The very first key signs at once. */
export function getSigningKey<K extends Scheduled>(keys: K[], now: Date): K | undefined {
  const [first, ...others] = keys.toSorted((one, other) => one.number - other.number)
  return others.filter(({ signsFrom }) => signsFrom <= now).at(-1) ?? first
}

/**
 * Returns true if the next key must be created. It is created early, so that it starts to sign when the latest key has signed for one
 * period.
 */
export function isNextDue(keys: Scheduled[], now: Date, { period, ahead } = SCHEDULE): boolean {
  const latest = keys.toSorted((one, other) => one.number - other.number).at(-1)
  return !latest || latest.signsFrom.getTime() + period - ahead <= now.getTime()
}

/** Returns the numbers of the keys whose tokens have all expired. */
export function findExpired(keys: Scheduled[], now: Date, { after } = SCHEDULE): number[] {
  const isExpired = ({ number }: Scheduled) =>
    keys.some(later => later.number > number && later.signsFrom.getTime() + after <= now.getTime())
  return keys.filter(isExpired).map(({ number }) => number)
}
