import type { KeyPanel } from './key-panels.ts'
import type { PanelData, ViewData } from './view-data.ts'

/**
 * Returns the text of a panel that has nothing to draw: it loads, its queries fail, it has no series, or all values are zero. Undefined if
 * there is something to draw.
 */
export function noteOf(key: KeyPanel, data: ViewData | undefined, problem: string | undefined): string | undefined {
  if (!data) return problem ? 'No data' : 'Loading'
  const panel = data.panels[key.id]
  if (panel?.problem) return `The query fails: ${panel.problem}`
  const values = panel ? numbersOf(panel) : []
  if (values.length === 0) return key.empty
  return key.quiet && values.every(value => value === 0) ? key.quiet : undefined
}

const numbersOf = ({ series }: PanelData): number[] =>
  series.flatMap(({ values }) => values.filter(value => value !== null))
