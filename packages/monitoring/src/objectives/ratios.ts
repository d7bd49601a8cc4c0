import type { RecordingRule, RuleGroup } from '../rules/rule.ts'
import { KINDS, type Kind, STEP_SECONDS } from './requests.ts'

/** The windows of the ratios, with those that are counted from the metrics of the services first. */
const SHORT_WINDOWS = ['5m', '1h', '30m', '2h', '6h']
const LONG_WINDOWS = ['1d', '3d', '30d']
const COUNTED = ['5m', '1h']

/** The rules of the ratios and burn rates, which hold for every service. */
export const ratioGroups = (): RuleGroup[] => [
  { name: 'bulkhead-objectives', interval: `${STEP_SECONDS}s`, rules: rulesFor(SHORT_WINDOWS) },
  { name: 'bulkhead-objectives-long', interval: '5m', rules: rulesFor(LONG_WINDOWS) }
]

const rulesFor = (windows: string[]) => KINDS.flatMap(kind => windows.flatMap(window => rulesOf(kind, window)))

/**
 * Records the share of good requests, and how many times too fast the budget of bad requests is used. Without requests there is no ratio,
 * because 1 would hide that a rule matches nothing.
 */
function rulesOf(kind: Kind, window: string): RecordingRule[] {
  const ratio = `bulkhead:${kind}:ratio_rate${window}`
  return [
    { record: ratio, expr: `1 - ${rateOver(kind, 'bad', window)} / (${rateOver(kind, 'valid', window)} > 0)` },
    { record: `bulkhead:${kind}:burn_rate${window}`, expr: `(1 - ${ratio}) / (1 - bulkhead:${kind}:target)` }
  ]
}

const rateOver = (kind: Kind, which: 'bad' | 'valid', window: string) =>
  COUNTED.includes(window)
    ? `bulkhead:${kind}:${which}_rate${window}`
    : `avg_over_time(bulkhead:${kind}:${which}_rate5m[${window}])`
