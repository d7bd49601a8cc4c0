import type { Panel } from '../../panels/panel.ts'
import { resolveExpression, type Variables } from '../expressions.ts'
import type { Range } from '../ranges.ts'

/** The address of a panel's queries in Prometheus's own page of graphs, for the period that the view shows. */
export function graphLink(prometheus: string, { queries }: Panel, range: Range, variables: Variables): string {
  const parameters = new URLSearchParams()
  for (const [place, { expr }] of queries.entries()) {
    parameters.set(`g${place}.expr`, resolveExpression(expr, variables))
    parameters.set(`g${place}.range_input`, range.name)
    parameters.set(`g${place}.tab`, '0')
  }
  return `${prometheus}/graph?${parameters}`
}
