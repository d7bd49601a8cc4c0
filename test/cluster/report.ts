import { budgetOf } from './budgets.ts'
import type { Unrun } from './part.ts'

/** The result of a part. It is skipped if it could test nothing. `unrun` lists what it could not test. */
export type Outcome = {
  name: string
  seconds: number
  verdict: 'passed' | 'failed' | 'skipped'
  findings: string[]
  unrun: string[]
}

const UNRUN = 'unrun: '
/** Maximum number of findings of each part that the summary repeats. */
const REPEATED = 3
const MARKS = { passed: '✔', failed: '✘', skipped: '-' }

export function outcomeOf(name: string, seconds: number, result: string[] | Unrun): Outcome {
  if (!Array.isArray(result)) return { name, seconds, verdict: 'skipped', findings: [], unrun: [UNRUN + result.unrun] }
  const findings = result.filter(line => !line.startsWith(UNRUN))
  const unrun = result.filter(line => line.startsWith(UNRUN))
  return { name, seconds, verdict: findings.length > 0 ? 'failed' : 'passed', findings, unrun }
}

/** Returns the lines to print when a part ends. */
export function linesOf({ name, seconds, verdict, findings, unrun }: Outcome): string[] {
  const budget = budgetOf(name)
  const over = budget !== undefined && seconds > budget ? `, more than its budget of ${budget} s` : ''
  return [`${MARKS[verdict]} ${name}, ${seconds} s${over}`, ...[...findings, ...unrun].map(line => `    ${line}`)]
}

/**
 * Returns the lines to print when all parts have ended: the duration of each part, the number of checks that did not run, the first
 * findings again, and how many parts passed, failed or were skipped.
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
    ...(unrun > 0 ? [`${unrun} checks did not run in parts that ran: see above`] : []),
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

/** Returns the finding of a part that threw an error: the reason, and the place in the tests, else in the project. */
export function errorFinding(name: string, error: unknown, root: string): string[] {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const places = stack
    .split('\n')
    .filter(line => /^\s+at /.test(line) && line.includes(`${root}/`) && !line.includes('/node_modules/'))
    .map(line => line.slice(line.indexOf(`${root}/`) + root.length + 1).replace(/\)$/, ''))
  const place = places.find(line => line.startsWith('test/cluster/')) ?? places[0]
  return [`${name} failed: ${message}${place ? ` (at ${place})` : ''}`]
}
