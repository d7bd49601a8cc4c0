const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Formats a number of bytes, such as `1.5 MiB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`
}

/** Formats records with the time that they took, such as `3 records, 1.5 MiB in 2.1 s`. */
export const amountText = (records: number, bytes: number, seconds: number) =>
  `${recordsText(records)}, ${sizeText(bytes)} in ${seconds.toFixed(1)} s`

/** Formats a time without milliseconds, such as `2026-01-31T12:00:00Z`. */
export const timeText = (time: Date) => time.toISOString().replace(/\.\d+Z$/, 'Z')

/** The line about a restore under another name, which proves the backup without replacing a record. */
export const proofText = (unrecorded: string | undefined) =>
  unrecorded === undefined
    ? 'This proves the backup, and the metric of the last restore shows it'
    : `This proves the backup, but the store could not note it: ${unrecorded}`

const AGES: [seconds: number, unit: string][] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second']
]

/** Formats the time since `then`, such as `2 hours`. */
export function ageText(then: Date, now = Date.now()): string {
  const seconds = Math.max(0, Math.floor((now - then.getTime()) / 1_000))
  const [size, unit] = AGES.find(([each]) => seconds >= each) ?? AGES.at(-1)!
  const count = Math.floor(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** Formats a number of records, such as `1 record`. */
export const recordsText = (count: number) => `${count} ${count === 1 ? 'record' : 'records'}`
