/** What the variables of an expression stand for. `window` and `range` are in seconds, `streams` are IDs of operations. */
export type Variables = { namespace: string; streams: string[]; window: number; range: number }

/** Replaces the variables of a panel's expression, as Grafana does. */
export const resolveExpression = (expression: string, { namespace, streams, window, range }: Variables): string =>
  expression
    .replaceAll('$namespace', namespace)
    .replaceAll('$streams', streams.join('|'))
    .replaceAll('$__rate_interval', `${window}s`)
    .replaceAll('$__range', `${range}s`)

/** Fills the labels of a series into a legend such as `{{service}}`. */
export const legendOf = (legend: string, labels: Record<string, string>): string =>
  legend.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '')
