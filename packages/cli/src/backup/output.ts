const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Formats a number of bytes, such as `1.5 MiB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`
}

/** Formats an amount per second, such as `31.2 MiB/s`. */
export const speedText = (bytes: number, seconds: number) => `${sizeText(bytes / Math.max(seconds, 0.001))}/s`

/** Formats a time without milliseconds, such as `2026-01-31T12:00:00Z`. */
export const timeText = (time: Date) => time.toISOString().replace(/\.\d+Z$/, 'Z')
