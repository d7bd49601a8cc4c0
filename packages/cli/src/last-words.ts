import { readAt, sizeOf } from './follow.ts'
import { consoleLine } from './log-line.ts'

const TAIL = 256 * 1024
const SHOWN_LINES = 12

/**
 * The last lines of a log that say why its program ended, as the console shows them: warnings, errors and what is no JSON. Where there is
 * none, the last lines as they are. None is from before the byte `beginning`.
 */
export function lastWords(name: string, file: string, beginning: number): string {
  const size = sizeOf(file)
  const start = beginning <= size ? beginning : 0 // it was emptied since
  const from = Math.max(start, size - TAIL)
  const lines = size > from ? readAt(file, from).toString('utf8').trimEnd().split('\n') : []
  if (from > start) lines.shift() // a part of a line
  const telling = lines.flatMap(line => consoleLine(name, line, false) ?? [])
  const shown = (telling.length > 0 ? telling : lines).slice(-SHOWN_LINES).join('\n')
  return `It last wrote to ${file}:\n${shown.replace(/^/gm, '  ') || '  (nothing)'}`
}
