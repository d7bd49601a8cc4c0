import type { Unit } from '../panels/panel.ts'

const NONE = '–'
const DURATIONS: [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
  [0.001, 'ms']
]
const BYTES: [bytes: number, unit: string][] = [
  [1_073_741_824, 'GiB'],
  [1_048_576, 'MiB'],
  [1_024, 'KiB'],
  [1, 'B']
]

/** Formats a value for people, with at most three digits. A dash stands for a missing value. `name` is the currency of an amount. */
export function formatValue(value: number | null | undefined, unit: Unit, name = ''): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE
  if (unit === 'percent') return `${digits(100 * value)} %`
  if (unit === 'per-second') return `${digits(value)}/s`
  if (unit === 'seconds') return value === 0 ? '0 s' : scaled(value, DURATIONS)
  if (unit === 'bytes') return value === 0 ? '0 B' : scaled(value, BYTES)
  return unit === 'currency' ? amount(value, name) : digits(value)
}

function scaled(value: number, units: [size: number, unit: string][]): string {
  const [size, unit] = units.find(([size]) => Math.abs(value) >= size) ?? units.at(-1)!
  return `${digits(value / size)} ${unit}`
}

function digits(value: number): string {
  const size = Math.abs(value)
  const places = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2
  return new Intl.NumberFormat('en', { maximumFractionDigits: places }).format(value)
}

/**
 * Formats an amount in minor units, such as cents, as an estimate: in whole major units. Currencies have different numbers of decimals
 * (ISO 4217).
 */
function amount(minorUnits: number, currency: string): string {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency })
    const majorUnits = minorUnits / 10 ** format.resolvedOptions().maximumFractionDigits!
    return `≈ ${new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: 0 }).format(majorUnits)}`
  } catch {
    return `≈ ${digits(minorUnits)} ${currency}` // not the code of a currency
  }
}

/** Formats a period such as `45 s`, `12 min` or `3 h`, rounded down. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  const [size, unit] = DURATIONS.find(([size]) => seconds >= size) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit}`
}
