import { budgetOf } from './budgets.ts'
import type { Unrun } from './part.ts'

/** What came of a part: skipped where nothing of it could be tried; `unrun` is what could not. */
export type Outcome = {
  name: string
  seconds: number
  verdict: 'passed' | 'failed' | 'skipped'
  findings: string[]
  unrun: string[]
}

const UNRUN = 'unrun: '
/** Findings of a part that are told once more at the end. */
const REPEATED = 3
const MARKS = { passed: '✔', failed: '✘', skipped: '-' }

export function outcomeOf(name: string, seconds: number, came: string[] | Unrun): Outcome {
  if (!Array.isArray(came)) return { name, seconds, verdict: 'skipped', findings: [], unrun: [UNRUN + came.unrun] }
  const findings = came.filter(line => !line.startsWith(UNRUN))
  const unrun = came.filter(line => line.startsWith(UNRUN))
  return { name, seconds, verdict: findings.length > 0 ? 'failed' : 'passed', findings, unrun }
}

/** What is said of a part when it is over. */
export function linesOf({ name, seconds, verdict, findings, unrun }: Outcome): string[] {
  const budget = budgetOf(name)
  const over = budget !== undefined && seconds > budget ? `, which is over its budget of ${budget} s` : ''
  return [`${MARKS[verdict]} ${name}, ${seconds} s${over}`, ...[...findings, ...unrun].map(line => `    ${line}`)]
}

/**
 * What is said when all are over: what took how long, what could not be tried in parts that ran, what was found, once more, and how many parts
 * came to what.
 */
export function summaryOf(outcomes: Outcome[]): string[] {
  const count = (verdict: Outcome['verdict']) => outcomes.filter(outcome => outcome.verdict === verdict).length
  const unrun = outcomes
    .filter(({ verdict }) => verdict !== 'skipped')
    .reduce((sum, { unrun }) => sum + unrun.length, 0)
  const total = outcomes.reduce((sum, { seconds }) => sum + seconds, 0)
  const skipped = count('skipped')
  return [
    '',
    ...outcomes.map(({ name, seconds, verdict }) => `${MARKS[verdict]} ${String(seconds).padStart(4)} s  ${name}`),
    `${String(total).padStart(6)} s  in all`,
    ...(unrun > 0 ? [`${unrun} checks unrun in parts that ran: see above`] : []),
    ...outcomes.flatMap(firstFindings),
    `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  ]
}

function firstFindings({ name, findings }: Outcome): string[] {
  const more = findings.length - REPEATED
  return [...findings.slice(0, REPEATED), ...(more > 0 ? [`and ${more} more, see above`] : [])].map(
    finding => `✘ ${name}: ${finding}`
  )
}

/** A part that threw: why, and where in the tests, else in the project. */
export function thrown(name: string, error: unknown, root: string): string[] {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const ours = stack
    .split('\n')
    .filter(line => /^\s+at /.test(line) && line.includes(`${root}/`) && !line.includes('/node_modules/'))
    .map(line => line.slice(line.indexOf(`${root}/`) + root.length + 1).replace(/\)$/, ''))
  const place = ours.find(line => line.startsWith('test/cluster/')) ?? ours[0]
  return [`${name} was broken off: ${message}${place ? ` (at ${place})` : ''}`]
}
