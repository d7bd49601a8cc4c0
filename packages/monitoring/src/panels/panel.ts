/** A query of a panel. */
export type Query = {
  /** PromQL. `$namespace` stands for the chosen installation, `$__rate_interval` for the window of rates. */
  expr: string
  /** The name of each series, with its labels as `{{service}}`. */
  legend: string
}

/** The unit of a panel's values. A `percent` is a share from 0 to 1. A `currency` is an amount in minor units, such as cents. */
export type Unit = 'short' | 'seconds' | 'bytes' | 'percent' | 'per-second' | 'currency'

/**
 * How a panel shows its queries: as lines over time, as the latest numbers, as horizontal bars up to `max`, as a table with one row for each
 * series, or as bands over time of the states 0 and 1.
 */
export type Kind = 'timeseries' | 'stat' | 'bars' | 'table' | 'states'

/** From which value on a figure is bad. */
export type Limit = {
  warning?: number
  bad: number
  /** True if low values are bad, as for an availability. */
  isBadBelow?: boolean
}

/** A figure that operators watch. */
export type Panel = {
  title: string
  /** Plain sentences: what the figure means, and what to do if it is bad. */
  description: string
  unit: Unit
  queries: Query[]
  /** By default `timeseries`. */
  kind?: Kind
  limit?: Limit
  /** The highest possible value, such as 1 for a share of a limit. */
  max?: number
  /** True if the series are parts of a whole. */
  isStacked?: boolean
  /** True if the points have links to traces. The metric must be a histogram with exemplars. */
  hasExemplars?: boolean
  /** Why the test of dashboards, which starts the stack without a cluster, gets no data for this panel. */
  noDataReason?: string
}
