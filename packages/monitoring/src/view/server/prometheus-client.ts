import { legendOf, resolveExpression, type Variables } from '../expressions.ts'
import type { KeyPanel } from '../key-panels.ts'
import type { PanelData, Series } from '../view-data.ts'

const REQUEST_LIMIT = 8_000
/** A limit for the series of a panel, so that no answer is too large to draw. */
const MAX_SERIES = 200

type Sample = [seconds: number, value: string]
type Result = { metric: Record<string, string>; value: Sample; values: Sample[] }

/** The times of a chart, in seconds: from `start` to `end`, both included, every `step`. */
export type Grid = { start: number; end: number; step: number }

export const timesOf = ({ start, end, step }: Grid): number[] =>
  Array.from({ length: Math.round((end - start) / step) + 1 }, (_, place) => start + place * step)

/** Sends a GET to a server of this machine, and resolves with its JSON. Rejects if it fails or takes too long. */
export async function getJson<T>(url: string): Promise<T> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(REQUEST_LIMIT) })
  const body = (await answer.json()) as T & { error?: string }
  if (!answer.ok) throw new Error(body.error ?? `${answer.status}`)
  return body
}

/** Resolves with the latest value of each series of an expression. */
export async function instant(
  prometheus: string,
  expression: string
): Promise<{ labels: Record<string, string>; value: number }[]> {
  const url = `${prometheus}/api/v1/query?${new URLSearchParams({ query: expression })}`
  const { data } = await getJson<{ data: { result: Result[] } }>(url)
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
}

/** Runs the queries of a panel. A query that fails becomes the `problem` of the panel. */
export async function panelData(
  prometheus: string,
  { panel }: KeyPanel,
  grid: Grid,
  variables: Variables
): Promise<PanelData> {
  const times = timesOf(grid)
  // The value of a bar or a number is about the whole period, so only the last one is needed.
  const onlyLast = panel.kind === 'bars' || panel.kind === 'stat'
  const asked = onlyLast ? { ...grid, start: grid.end } : grid
  try {
    const answers = await Promise.all(
      panel.queries.map(async ({ expr, legend }) => {
        const query = resolveExpression(expr, variables)
        const parameters = { query, start: `${asked.start}`, end: `${asked.end}`, step: `${asked.step}` }
        const url = `${prometheus}/api/v1/query_range?${new URLSearchParams(parameters)}`
        const { data } = await getJson<{ data: { result: Result[] } }>(url)
        return data.result.map(result => seriesOf(result, legend, onlyLast ? [asked.end] : times))
      })
    )
    return { series: answers.flat().slice(0, MAX_SERIES) }
  } catch (error) {
    return { series: [], problem: (error as Error).message }
  }
}

function seriesOf({ metric, values }: Result, legend: string, times: number[]): Series {
  const byTime = new Map(values.map(([seconds, value]) => [Math.round(seconds), Number(value)]))
  const valueAt = (time: number) => {
    const value = byTime.get(Math.round(time))
    return value === undefined || !Number.isFinite(value) ? null : value
  }
  return { name: legendOf(legend, metric), labels: metric, values: times.map(valueAt) }
}
