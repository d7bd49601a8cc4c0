const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Formats a number of bytes, such as `1.5 MiB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`
}

/** Formats records with the time that they took, such as `3 records, 1.5 MiB in 2.1 s`. */
export const amountText = (records: number, bytes: number, seconds: number) =>
  `${records} ${records === 1 ? 'record' : 'records'}, ${sizeText(bytes)} in ${seconds.toFixed(1)} s`

/** Formats a time without milliseconds, such as `2026-01-31T12:00:00Z`. */
export const timeText = (time: Date) => time.toISOString().replace(/\.\d+Z$/, 'Z')
