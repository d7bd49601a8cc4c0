import { Failure } from '../failure.ts'

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Parses a duration such as `30s`, `10m`, `2h` or `1d` into milliseconds. `option` is its name for the error. */
export function parseDuration(text: string, option: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  const milliseconds = Number(count) * UNITS[unit]!
  if (milliseconds > 0) return milliseconds
  throw new Failure(`${option} is "${text}"`, 'Give a number with its unit, such as 30s, 10m, 2h or 1d')
}
