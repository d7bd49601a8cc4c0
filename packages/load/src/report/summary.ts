import type { Figures } from './statistics.ts'

/** How many kinds of errors a line names. */
const ERRORS_IN_LINE = 3

/** Describes a load in one line. */
export function summaryLine(figures: Figures): string {
  const { seconds, open, requests, heldBack, steps } = figures
  const all = requests.ok + requests.limited + requests.failed
  const slowest = steps.toSorted((one, other) => other.p99 - one.p99)[0]
  return [
    `${duration(seconds)}: ${countOf(figures.visits)} journeys${listOf(figures.visits).replace(/.+/, ' ($&)')}, ${open} open`,
    `${all} requests: ${requests.ok} ok, ${requests.limited} limited, ${requests.failed} failed`,
    ...(heldBack > 0 ? [`${heldBack} held back`] : []),
    ...droppedLines(figures),
    ...(slowest ? [`slowest step: ${slowest.step}, p99 ${time(slowest.p99)}`] : []),
    ...mostFrequent(figures.errors)
      .slice(0, ERRORS_IN_LINE)
      .map(([kind, count]) => `${count} × ${kind}`)
  ].join('; ')
}

/** Describes a load in a block of lines: journeys, requests, times of each step, errors. */
export function summaryBlock(figures: Figures): string[] {
  const { seconds, open, visits, requests, heldBack, steps, errors } = figures
  const all = requests.ok + requests.limited + requests.failed
  const width = Math.max(4, ...steps.map(({ step }) => step.length))
  const row = (step: string, ...cells: string[]) =>
    [step.padEnd(width), ...cells.map(cell => cell.padStart(9))].join('  ')
  const kinds = mostFrequent(errors)
  return [
    `journeys   ${countOf(visits)} in ${duration(seconds)}, ${open} open${countOf(visits) > 0 ? `: ${listOf(visits)}` : ''}`,
    `requests   ${all} (${perSecond(all, seconds)}): ${requests.ok} ok, ${requests.limited} limited (429), ${requests.failed} failed`,
    ...(heldBack > 0 ? [`held back  ${heldBack} requests, because an answer asked to wait (Retry-After)`] : []),
    ...droppedLines(figures),
    ...(steps.length > 0 ? ['', row('step', 'requests', 'p50', 'p99')] : []),
    ...steps
      .toSorted((one, other) => one.step.localeCompare(other.step))
      .map(({ step, requests, p50, p99 }) => row(step, String(requests), time(p50), time(p99))),
    ...(kinds.length > 0 ? ['', 'errors'] : []),
    ...kinds.map(([kind, count]) => `${String(count).padStart(6)}  ${kind}`)
  ]
}

const droppedLines = ({ dropped: { full, late } }: Figures) => [
  ...(full > 0 ? [`dropped ${full} journeys, because too many were open: raise --shoppers or lower --rate`] : []),
  ...(late > 0 ? [`dropped ${late} journeys, because this process fell behind`] : [])
]

const countOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0)

const listOf = (counts: Record<string, number>) =>
  mostFrequent(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')

const mostFrequent = (counts: Record<string, number>) =>
  Object.entries(counts).toSorted(([, one], [, other]) => other - one)

const perSecond = (count: number, seconds: number) => `${(count / Math.max(seconds, 0.001)).toFixed(1)}/s`

/** Formats milliseconds, such as `3.4 ms` or `1.25 s`. */
const time = (milliseconds: number) =>
  milliseconds < 1_000
    ? `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`
    : `${(milliseconds / 1_000).toFixed(2)} s`

/** Formats seconds, such as `42 s`, `3 min 5 s` or `2 h 3 min`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}
