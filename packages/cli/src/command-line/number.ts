import { Failure } from '../failure.ts'

type Range = { least: number; most: number; isWhole?: boolean }

/** Parses the number of an option. Fails if it is not in the range. */
export function parseNumber(text: string, option: string, { least, most, isWhole = false }: Range): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (number >= least && number <= most && (!isWhole || Number.isInteger(number))) return number
  throw new Failure(`${option} is "${text}"`, `Give a ${isWhole ? 'whole number' : 'number'} from ${least} to ${most}`)
}

/** The rates at which shoppers can be played, per second. */
export const RATES: Range = { least: 0.01, most: 1_000 }

/** Parses the value of `--load`; undefined if it is not given. */
export const parseRate = (value: unknown): number | undefined =>
  value === undefined ? undefined : parseNumber(String(value), '--load', RATES)
