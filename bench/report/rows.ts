import type { Settings } from '../settings.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** The median, the smallest and the largest value of several rounds. */
export type Spread = { median: number; min: number; max: number; rounds: number }

/** The goal of a row: the smallest or largest value allowed, for the ratio to the baseline or for the measured value. */
export type Goal = { compare: 'ratio' | 'measured'; min?: number; max?: number }

/** One row of the table. `ratio` is the median over the rounds of the measured value divided by the baseline's. */
export type Row = {
  what: string
  unit: string
  measured: Spread
  baseline?: { what: string } & Spread
  ratio?: number
  goal?: Goal
  reached?: boolean
}

/** A figure to measure. `run` starts the needed programs on the testbed, which stops them later. `run` fails if it cannot measure. */
export type Figure = { title: string; run: (testbed: Testbed, settings: Settings) => Promise<Row[]> }

type Measured = { what: string; unit: string; rounds: number[]; goal?: Goal | undefined }

/** Makes a row without a baseline. */
export function measuredRow({ what, unit, rounds, goal }: Measured): Row {
  const row = { what, unit, measured: spreadOf(rounds) }
  return goal ? { ...row, goal, reached: isReached(goal, row.measured.median) } : row
}

/** Makes a row that was measured in turns with a baseline. Both have the same number of rounds. */
export function comparedRow(baseline: { what: string; rounds: number[] }, { what, unit, rounds, goal }: Measured): Row {
  const ratio = spreadOf(rounds.map((value, round) => value / baseline.rounds[round]!)).median
  const measured = spreadOf(rounds)
  const row = { what, unit, measured, baseline: { what: baseline.what, ...spreadOf(baseline.rounds) }, ratio }
  return goal ? { ...row, goal, reached: isReached(goal, goal.compare === 'ratio' ? ratio : measured.median) } : row
}

const isReached = ({ min = -Infinity, max = Infinity }: Goal, value: number) => value >= min && value <= max

function spreadOf(values: number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)!, rounds: sorted.length }
}
