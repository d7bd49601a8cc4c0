import { ACCESS_MS } from '../limits.ts'

/** When a key came, and when it signs first. Another that signs later takes its place. */
export type Scheduled = { number: number; createdAt: Date; signsFrom: Date }

const MINUTE_MS = 60_000

/** Milliseconds. */
export const SCHEDULE = {
  /** Between the first signatures of two keys. */
  period: 30 * 24 * 60 * MINUTE_MS,
  /**
   * That a key is published before it signs: those who verify read the keys every 10 minutes, a replica every minute, and clocks may be
   * 10 minutes apart.
   */
  ahead: 30 * MINUTE_MS,
  /** That a key stays when it no longer signs: the life of a token, and clocks again. */
  after: ACCESS_MS + 20 * MINUTE_MS
}

/** The key that signs at `now`: of those that may, the last one; the first key of all has nobody to wait for. */
export function signer<K extends Scheduled>(keys: K[], now: Date): K | undefined {
  const [first, ...others] = [...keys].sort((one, other) => one.number - other.number)
  return others.filter(({ signsFrom }) => signsFrom <= now).at(-1) ?? first
}

/** Whether the next key is to be made, so that it signs when the last one has signed for a period. */
export function isNextDue(keys: Scheduled[], now: Date, { period, ahead } = SCHEDULE): boolean {
  const last = keys.reduce<Scheduled | undefined>(
    (latest, key) => (key.number > (latest?.number ?? 0) ? key : latest),
    undefined
  )
  return !last || last.signsFrom.getTime() + period - ahead <= now.getTime()
}

/** The numbers of the keys by which no token is good any more. */
export function outlived(keys: Scheduled[], now: Date, { after } = SCHEDULE): number[] {
  const isOver = ({ number }: Scheduled) =>
    keys.some(later => later.number > number && later.signsFrom.getTime() + after <= now.getTime())
  return keys.filter(isOver).map(({ number }) => number)
}
