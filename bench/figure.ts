import type { Ground } from './ground.ts'
import type { Settings } from './settings.ts'

/** What many rounds gave: their median, smallest and largest. */
export type Spread = { median: number; min: number; max: number; rounds: number }

/** What is to be reached: at least or at most so much, of the ratio to the baseline or of what was measured itself. */
export type Goal = { of: 'ratio' | 'measured'; least?: number; most?: number }

/** One line of the table. `ratio` is the median of what each round measured, divided by what its baseline did. */
export type Row = {
  what: string
  unit: string
  measured: Spread
  baseline?: { what: string } & Spread
  ratio?: number
  goal?: Goal
  reached?: boolean
}

/** Something to measure. `run` starts what it needs on `ground`, which ends all of it. Fails when it could not be measured. */
export type Figure = { title: string; run: (ground: Ground, settings: Settings) => Promise<Row[]> }

type Measured = { what: string; unit: string; rounds: number[]; goal?: Goal | undefined }

/** A line of what was measured on its own. */
export function alone({ what, unit, rounds, goal }: Measured): Row {
  const row = { what, unit, measured: spreadOf(rounds) }
  return goal ? { ...row, goal, reached: isReached(goal, row.measured.median) } : row
}

/** A line of what was measured in turns with a baseline: the same number of rounds of both. */
export function beside(baseline: { what: string; rounds: number[] }, { what, unit, rounds, goal }: Measured): Row {
  const ratio = spreadOf(rounds.map((value, round) => value / baseline.rounds[round]!)).median
  const measured = spreadOf(rounds)
  const row = { what, unit, measured, baseline: { what: baseline.what, ...spreadOf(baseline.rounds) }, ratio }
  return goal ? { ...row, goal, reached: isReached(goal, goal.of === 'ratio' ? ratio : measured.median) } : row
}

const isReached = ({ least = -Infinity, most = Infinity }: Goal, value: number) => value >= least && value <= most

function spreadOf(values: number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)!, rounds: sorted.length }
}
