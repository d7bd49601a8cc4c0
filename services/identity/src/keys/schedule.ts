/** When a key was created, and when it signs first. It signs until a later key takes its place. */
export type Scheduled = { number: number; createdAt: Date; signsFrom: Date }

/** Milliseconds of each part of a key's life. */
export type Schedule = {
  /** Between the first signatures of two keys. */
  period: number
  /** Between the publication of a key and its first signature. */
  ahead: number
  /** Between the last signature of a key and its removal. */
  after: number
}

const MINUTE_MS = 60_000

/** Milliseconds that an access token is valid, even after its owner signed out. */
export const ACCESS_TOKEN_MS = 15 * MINUTE_MS

export const SCHEDULE: Schedule = {
  period: 30 * 24 * 60 * MINUTE_MS,
  // Readers read the keys every 10 minutes, replicas every minute, and clocks may differ by 10 minutes.
  ahead: 30 * MINUTE_MS,
  // Tokens must expire first, and clocks may differ.
  after: ACCESS_TOKEN_MS + 20 * MINUTE_MS
}

/** The key that signs at `now`: the latest that may. The first key of all signs at once. */
export function getSigningKey<K extends Scheduled>(keys: K[], now: Date): K | undefined {
  const [first, ...others] = keys.toSorted((one, other) => one.number - other.number)
  return others.filter(({ signsFrom }) => signsFrom <= now).at(-1) ?? first
}

/** Whether the next key must be created, so that it signs when the latest has signed for a period. */
export function isNextDue(keys: Scheduled[], now: Date, { period, ahead } = SCHEDULE): boolean {
  const latest = keys.toSorted((one, other) => one.number - other.number).at(-1)
  return !latest || latest.signsFrom.getTime() + period - ahead <= now.getTime()
}

/** The numbers of the keys whose tokens have all expired. */
export function findExpired(keys: Scheduled[], now: Date, { after } = SCHEDULE): number[] {
  const isExpired = ({ number }: Scheduled) =>
    keys.some(later => later.number > number && later.signsFrom.getTime() + after <= now.getTime())
  return keys.filter(isExpired).map(({ number }) => number)
}
