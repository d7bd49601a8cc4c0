import type { Trace, TraceEntry } from './trace.ts'

/** Limits of the output. */
export type WaterfallOptions = {
  /** The number of columns of the terminal. */
  columns: number
  /** Maximum number of lines with entries. */
  maxEntries: number
}

const LEAST_COLUMNS = 80
/** The part of the columns that names use. */
const NAMES_PART = 0.45
/** The columns of the duration and the result. */
const FIGURES = 20
/** A pause without work gets its own heading if it is this long (ms), and longer than all the work before it. */
const LONG_PAUSE = 500

const MARKS: Record<TraceEntry['kind'], string> = {
  request: '',
  call: '→ ',
  store: '',
  event: '⇢ ',
  step: '',
  message: '! '
}

/**
 * Draws a trace: one line for each entry, with a bar that shows when it ran. Long pauses, such as those until an event arrives, divide the
 * trace into sections, each with a scale of its own.
 */
export function waterfall({ entries }: Trace, { columns, maxEntries }: WaterfallOptions): string {
  const width = Math.max(columns, LEAST_COLUMNS)
  const names = Math.floor(width * NAMES_PART)
  const bars = width - names - FIGURES
  const shown = entries.slice(0, maxEntries)
  const beginning = Math.min(...shown.map(({ start }) => start))
  const parts = sectionsOf(shown).map(section => {
    const start = Math.min(...section.map(entry => entry.start))
    const end = Math.max(...section.map(entry => entry.end))
    const line = (entry: TraceEntry) =>
      `${nameOf(entry, names)} ${barOf(entry, start, end, bars)} ${figuresOf(entry)}`.trimEnd()
    const heading = start === beginning ? [] : [`${formatTime(start - beginning)} after the beginning:`]
    return [...heading, scale(names, bars, end - start), ...section.map(line)].join('\n')
  })
  const hidden = entries.length - shown.length
  return [...parts, ...(hidden > 0 ? [`${hidden} more are not shown. Show all: --all`] : [])].join('\n\n')
}

/** Divides the entries at long pauses. The order within a section stays. */
function sectionsOf(entries: TraceEntry[]): TraceEntry[][] {
  const byStart = entries.toSorted((one, other) => one.start - other.start)
  const sections: Set<TraceEntry>[] = []
  let start = 0
  let end = 0
  for (const entry of byStart) {
    const pause = entry.start - end
    if (sections.length === 0 || (pause > LONG_PAUSE && pause > end - start)) {
      sections.push(new Set())
      start = entry.start
      end = entry.end
    }
    sections.at(-1)!.add(entry)
    end = Math.max(end, entry.end)
  }
  return sections.map(section => entries.filter(entry => section.has(entry)))
}

function nameOf({ service, name, kind, depth }: TraceEntry, width: number) {
  const text = `${'  '.repeat(Math.min(depth, 12))}${kind === 'message' ? MARKS[kind] : ''}${service} ${
    kind === 'message' ? '' : MARKS[kind]
  }${name}`
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}

function barOf({ start, end, isFailed, kind }: TraceEntry, from: number, to: number, width: number) {
  const perColumn = (to - from || 1) / width
  const first = Math.min(Math.floor((start - from) / perColumn), width - 1)
  const length = Math.max(1, Math.min(Math.round((end - start) / perColumn), width - first))
  const mark = kind === 'message' ? '·' : isFailed ? '▒' : '█'
  return `${' '.repeat(first)}${mark.repeat(length)}`.padEnd(width)
}

function figuresOf({ start, end, kind, result, isFailed }: TraceEntry) {
  const time = kind === 'message' ? '' : formatTime(end - start)
  return `${time.padStart(9)} ${isFailed ? '✘ ' : ''}${result ?? ''}`
}

/** The line above the bars: the beginning and the end of the section. */
function scale(names: number, bars: number, duration: number) {
  return `${' '.repeat(names)} 0${formatTime(duration).padStart(bars - 1)}`
}

/** Formats milliseconds, such as `4.2 ms` or `1.25 s`. */
export function formatTime(milliseconds: number): string {
  if (milliseconds >= 1_000) return `${(milliseconds / 1_000).toFixed(2)} s`
  return `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`
}
