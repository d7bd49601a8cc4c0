import { deepEqual, equal, match } from 'node:assert/strict'
import { join } from 'node:path'
import { Failure } from '../../packages/cli/src/failure.ts'
import { errorFinding, linesOf, outcomeOf, summaryOf } from './report.ts'

const root = join(import.meta.dirname, '../..')

describe('the report of test-cluster', () => {
  it('skips a part that could test nothing, and passes a part that could not run one of its checks', () => {
    const skipped = outcomeOf('skaffold diagnose', 0, { unrun: 'it is not built' })
    deepEqual(linesOf(skipped), ['- skaffold diagnose, 0 s', '    unrun: it is not built'])
    const partly = outcomeOf('separation of stores', 2, ['unrun: no credentials'])
    deepEqual(linesOf(partly), ['✔ separation of stores, 2 s', '    unrun: no credentials'])
  })

  it('reports a part that exceeds its budget, but does not count it as failed', () => {
    const { verdict, ...outcome } = outcomeOf('charts are valid', 21, [])
    equal(verdict, 'passed')
    match(linesOf({ verdict, ...outcome })[0]!, /21 s, more than its budget of 20 s$/)
  })

  it('ends with the counts, after the checks that did not run and the findings', () => {
    const outcomes = [
      outcomeOf('a', 5, []),
      outcomeOf('b', 10, ['wrong', 'unrun: one']),
      outcomeOf('c', 1, { unrun: 'all of it' })
    ]
    const lines = summaryOf(outcomes)
    equal(lines.at(-1), '1 passed, 1 failed, 1 skipped')
    equal(lines.at(-2), '✘ b: wrong')
    equal(lines.at(-3), '1 checks did not run in parts that ran: see above')
    deepEqual(lines.slice(1, 5), ['✔    5 s  a', '✘   10 s  b', '-    1 s  c', '    16 s  in all'])
    const many = summaryOf([outcomeOf('d', 5, ['1', '2', '3', '4', '5'])])
    deepEqual(many.slice(-5, -1), ['✘ d: 1', '✘ d: 2', '✘ d: 3', '✘ d: and 2 more, see above'])
    equal(summaryOf([outcomeOf('a', 5, [])]).at(-1), '1 passed, 0 failed')
  })

  it('contains the place in the tests where a part failed', () => {
    const cause = Object.assign(new Failure('helm upgrade catalog: timed out'), {
      stack: [
        'Failure: helm upgrade catalog: timed out',
        `    at program (file://${root}/packages/cli/src/cluster/kubectl.ts:63:15)`,
        `    at Agent.request (${root}/node_modules/undici/lib/api.js:1:1)`,
        `    at async upgradeAndRollBack (file://${root}/test/cluster/parts/upgrades.ts:50:5)`
      ].join('\n')
    })
    deepEqual(errorFinding('a', cause, root), [
      'a failed: helm upgrade catalog: timed out (at test/cluster/parts/upgrades.ts:50:5)'
    ])
    match(errorFinding('a', new Error('here'), root)[0]!, /here \(at test\/cluster\/report\.test\.ts:\d+:\d+\)$/)
  })
})
