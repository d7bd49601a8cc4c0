/** Selects the series of the chosen installation. */
const NAMESPACE = 'namespace=~"$namespace"'

/** Returns a selector of a metric's series, with more matchers such as `status=~"5.."`. */
export function series(metric: string, ...matchers: string[]): string {
  return `${metric}{${[NAMESPACE, ...matchers].join(', ')}}`
}

/** Returns the increase per second of a counter. */
export function rate(metric: string, ...matchers: string[]): string {
  return `rate(${series(metric, ...matchers)}[$__rate_interval])`
}

/** Returns the matcher of one service. */
export function ofService(service: string): string {
  return `service="${service}"`
}

/** Sums an expression by labels, such as `service, operation`. */
export function sumBy(labels: string, expr: string): string {
  return `sum by (${labels}) (${expr})`
}

/** Takes the maximum by labels, for a figure of which each replica reports the whole. */
export function maxBy(labels: string, expr: string): string {
  return `max by (${labels}) (${expr})`
}

/**
 * Divides a part by a whole, both with the same labels. Where the part has no series yet, the share is 0. Where the whole has none, or is 0,
 * there is no share, so that silence never looks like success.
 */
export function share(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / ${whole}`
}

/** Returns a quantile of a histogram by labels. `metric` is its name without `_bucket`. */
export function quantile(of: number, labels: string, metric: string, ...matchers: string[]): string {
  return `histogram_quantile(${of}, ${sumBy(labels === '' ? 'le' : `${labels}, le`, rate(`${metric}_bucket`, ...matchers))})`
}
