import type { KeyPanel } from './key-panels.ts'
import type { PanelData, Series } from './view-data.ts'

/** The value of a series now. Null if there is none now, even if there was one before. */
export const latestOf = ({ values }: Series): number | null => values.at(-1) ?? null

/** The large number of a panel. Null if there is no value now. */
export function headlineOf({ headline }: KeyPanel, { series }: PanelData): number | null {
  if (headline === 'first') return series[0] ? latestOf(series[0]) : null
  const values = series.map(latestOf).filter(value => value !== null)
  if (values.length === 0) return null
  return headline === 'sum' ? values.reduce((one, other) => one + other, 0) : Math.max(...values)
}

/** The lines of a chart, and the number of other series that it leaves out. */
export type Lines = { shown: Series[]; more: number }

/**
 * Chooses the series with the highest values in the period, at most `count`. They keep their order, so that colours do not change places.
 * Series of zeros count only if there are no others.
 */
export function linesOf(series: Series[], count: number): Lines {
  const highest = ({ values }: Series) => Math.max(...values.map(value => value ?? 0))
  const moving = series.filter(one => highest(one) > 0)
  const worthy = moving.length > 0 ? moving : series
  const top = new Set(worthy.toSorted((one, other) => highest(other) - highest(one)).slice(0, count))
  return { shown: series.filter(one => top.has(one)), more: worthy.length - top.size }
}
