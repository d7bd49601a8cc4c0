import { styleText } from 'node:util'
import { ERROR, LEVELS, WARNING, withoutRepeats } from '../output/log-line.ts'
import type { LogEntry } from './entry.ts'

type Style = 'dim' | 'cyan' | 'bold' | 'red' | 'yellow'

/** Turns entries into sentences for people. */
export type Sentences = (entry: LogEntry) => string

type SentenceOptions = {
  hasColour: boolean
  /** The width of the column of sources, which may grow. */
  width?: number
  /** The day of the first entry is printed unless it is this one. */
  today?: Date
}

/** Fields that a sentence shows in another way, or that are the same in every line of a service. */
const SHOWN = [
  'time',
  'level',
  'service',
  'version',
  'pid',
  'hostname',
  'msg',
  'err',
  'cause',
  'requestId',
  'traceId',
  'spanId',
  // the load's, which are in its message
  'figures'
]
const OF_REQUESTS = ['method', 'path', 'status', 'ms', 'operation', 'clientRequestId', 'clientTraceId']
/** The digits of a trace that a sentence shows, which `--trace` accepts. */
const TRACE_DIGITS = 8
const MAX_FIELD_LENGTH = 200
const TABULATOR = 9

/**
 * Makes the formatter of sentences, such as `12:00:01.123 gateway  GET /products 200 in 3 ms  (trace 4bf92f35…)`. Times are in the zone of this
 * machine. A line with the day precedes the first entry of a day. Lines without JSON stay as they are.
 */
export function sentences({ hasColour, width = 9, today = new Date() }: SentenceOptions): Sentences {
  let day = today.toDateString()
  let column = width
  const paint = (style: Style, text: string) => (hasColour ? styleText(style, text, { validateStream: false }) : text)

  return entry => {
    const { source, time, fields, raw } = entry
    const date = new Date(time)
    const isNewDay = time > 0 && date.toDateString() !== day
    if (isNewDay) day = date.toDateString()
    column = Math.max(column, source.length)
    const head = `${paint('dim', time > 0 ? clock(date) : ' '.repeat(12))} ${paint('cyan', source.padEnd(column))}  `
    const text = fields ? head + paintByLevel(entry, sentenceOf(fields), paint) : head + raw
    return isNewDay ? `${paint('bold', day)}\n${text}` : text
  }
}

/** Returns the sentence of a JSON entry, without its time and source. */
function sentenceOf(fields: Record<string, unknown>): string {
  const { msg, method, path, status, ms } = fields
  const isRequest = msg === 'request' && typeof method === 'string'
  const trace = typeof fields.traceId === 'string' ? [`trace ${shorten(fields.traceId)}`] : []
  const others = Object.entries(fields)
    .filter(
      ([name, value]) => value !== undefined && !SHOWN.includes(name) && !(isRequest && OF_REQUESTS.includes(name))
    )
    .map(([name, value]) => `${name} ${textOf(value)}`)
  const request = `${method} ${path} ${status === 499 ? 'given up by the caller' : status} in ${rounded(Number(ms))} ms`
  const text = isRequest ? request : `${msg ?? ''}${reasonOf(fields)}`
  const details = [...others, ...trace].join(', ')
  return printable(details ? `${text}  (${details})` : text)
}

function reasonOf({ err, cause }: Record<string, unknown>): string {
  const { message } = (err ?? {}) as { message?: unknown }
  const reason = typeof message === 'string' ? withoutRepeats(message) : typeof cause === 'string' ? cause : ''
  return reason ? `: ${reason}` : ''
}

function paintByLevel(
  { level = 0, fields }: LogEntry,
  text: string,
  paint: (style: Style, text: string) => string
): string {
  const name = Object.keys(LEVELS).find(key => LEVELS[key] === level)
  const status = Number(fields?.status ?? 0)
  const stack = (fields?.err as { stack?: unknown } | undefined)?.stack
  const word = name && name !== 'info' ? `${name.toUpperCase()} ` : ''
  const lines = level >= ERROR && typeof stack === 'string' ? `\n${printable(stack, true).replace(/^/gm, '    ')}` : ''
  if (level >= ERROR || status >= 500) return paint('red', word + text) + lines
  if (level >= WARNING || status >= 400) return paint('yellow', word + text)
  return level > 0 && level < LEVELS.info! ? paint('dim', word + text) : word + text
}

const shorten = (id: string) => (id.length > TRACE_DIGITS ? `${id.slice(0, TRACE_DIGITS)}…` : id)

const rounded = (milliseconds: number) =>
  milliseconds < 10 ? Number(milliseconds.toFixed(1)) : Math.round(milliseconds)

function textOf(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.length > MAX_FIELD_LENGTH ? `${text.slice(0, MAX_FIELD_LENGTH)}…` : text
}

/** Replaces control characters, because a value could contain codes for the terminal. */
const printable = (text: string, keepsLines = false) =>
  [...text]
    .map(letter => {
      const code = letter.codePointAt(0)!
      const isControl = (code < 32 && code !== TABULATOR) || (code >= 127 && code < 160)
      if (!isControl || (keepsLines && letter === '\n')) return letter
      return `\\x${code.toString(16).padStart(2, '0')}`
    })
    .join('')

function clock(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
