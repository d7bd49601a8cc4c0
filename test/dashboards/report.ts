import type { Check, Trouble } from './checks.ts'

/** The most panels that may lack data in the test, as a share of all. */
const MOST_WITHOUT_DATA = 0.05

/**
 * Says which queries have no data, and why. Returns true if only panels with a reason have none, Prometheus refuses no query, and not too
 * many panels have a reason.
 */
export function report(checks: Check[], troubles: Map<Check, Trouble>, say: (line: string) => void): boolean {
  const panels = new Set(checks.flatMap(({ panel }) => panel ?? []))
  const excused = [...panels].filter(({ noDataReason }) => noDataReason !== undefined)
  const isFailure = (check: Check) => troubles.get(check)?.isRefused || check.panel?.noDataReason === undefined
  const troubled = checks.filter(check => troubles.get(check) !== undefined)
  const failed = troubled.filter(isFailure)
  const skipped = troubled.filter(check => !isFailure(check))
  for (const check of failed) say(`✘ ${check.place}: ${troubles.get(check)?.text}\n    ${check.expr}`)
  for (const { place, panel } of skipped) say(`- ${place}: not tested, because ${panel?.noDataReason}`)
  say(`${panels.size} panels, ${checks.length} queries`)
  say(`${checks.length - troubled.length} passed, ${failed.length} failed, ${skipped.length} skipped`)
  const isTooMany = excused.length > MOST_WITHOUT_DATA * panels.size
  if (isTooMany) say(`✘ ${excused.length} of ${panels.size} panels have a noDataReason: at most 5 % may`)
  return failed.length === 0 && !isTooMany
}
