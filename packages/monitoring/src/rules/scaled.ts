import type { RuleGroup } from './rule.ts'

const MILLISECONDS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** A window such as `[5m]`, or an offset. Names of recorded series, such as `rate5m`, have neither bracket nor `offset`. */
const TIMES = /(?<=\[|offset )\d+[smhd]\b/g

/** Returns groups whose windows, offsets, `for` and intervals are multiplied by `scale`. */
export const scaled = (groups: RuleGroup[], scale: number): RuleGroup[] =>
  scale === 1
    ? groups
    : groups.map(group => ({
        ...group,
        interval: scaledTime(group.interval, scale),
        rules: group.rules.map(rule => {
          const expr = rule.expr.replace(TIMES, time => scaledTime(time, scale))
          return 'alert' in rule ? { ...rule, expr, for: scaledTime(rule.for, scale) } : { ...rule, expr }
        })
      }))

/** Multiplies a time such as `5m`. Returns milliseconds, because Prometheus accepts no fractions of a second. */
function scaledTime(time: string, scale: number): string {
  const unit = MILLISECONDS[time.at(-1)!]
  if (unit === undefined || !/^\d+.$/.test(time)) throw new Error(`${time} is not a time such as 5m`)
  return `${Math.round(Number.parseInt(time, 10) * unit * scale)}ms`
}
