import { readAt, sizeOf } from './follow.ts'
import { consoleLine } from './log-line.ts'

const TAIL = 256 * 1024
const MAX_LINES = 12

/**
 * The last warnings, errors and lines without JSON of a program's log, formatted for the console, because they show why it ended. If there
 * are none, the last lines unchanged. Ignores everything before the byte `beginning`.
 */
export function logTail(name: string, file: string, beginning: number): string {
  const size = sizeOf(file)
  const start = beginning <= size ? beginning : 0 // the file was emptied meanwhile
  const from = Math.max(start, size - TAIL)
  const lines = size > from ? readAt(file, from).toString('utf8').trimEnd().split('\n') : []
  if (from > start) lines.shift() // an incomplete line
  const important = lines.flatMap(line => consoleLine(name, line, false) ?? [])
  const text = (important.length > 0 ? important : lines).slice(-MAX_LINES).join('\n')
  return `The end of ${file}:\n${text.replace(/^/gm, '  ') || '  (nothing)'}`
}
