import type { Panel } from '../../packages/monitoring/src/panels/panel.ts'
import type { Check, Trouble } from './checks.ts'

/** The most panels that may have no data in the test, as a share of all. */
const MOST_WITHOUT_DATA = 0.05

/** Says which queries have no data, and why. Returns true if only panels with a reason have none, and not too many of them. */
export function report(checks: Check[], troubles: Map<Check, Trouble>, say: (line: string) => void): boolean {
  const panels = new Set(checks.flatMap(({ panel }) => panel ?? []))
  const excused = [...panels].filter(({ noDataReason }) => noDataReason !== undefined)
  const failed = checks.filter(check => troubles.get(check) !== undefined && !check.panel?.noDataReason)
  for (const check of failed) say(`✘ ${check.place}: ${troubles.get(check)}\n    ${check.expr}`)
  for (const panel of excused) say(`- ${placeOf(panel, checks)}: not tested, because ${panel.noDataReason}`)
  const isTooMany = excused.length > MOST_WITHOUT_DATA * panels.size
  if (isTooMany)
    say(`✘ ${excused.length} of ${panels.size} panels have no data: at most ${100 * MOST_WITHOUT_DATA} % may`)
  const bad = failed.length + (isTooMany ? 1 : 0)
  say(`${panels.size} panels, ${checks.length} queries`)
  say(`${checks.length - bad - excused.length} passed, ${bad} failed, ${excused.length} skipped`)
  return bad === 0
}

const placeOf = (panel: Panel, checks: Check[]) => checks.find(check => check.panel === panel)?.place ?? panel.title
