import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { readStack } from '../../packages/cli/src/services/stack.ts'
import { estimate, plan, planTable } from './plan.ts'
import { suiteNames, suites } from './suites.ts'

const root = join(import.meta.dirname, '../..')

describe('the plan of CI', () => {
  it('takes at most 60 minutes for twenty services with caches, and 80 minutes without', () => {
    const minutes = (hasCaches: boolean) => estimate({ services: 20, isWhole: false, hasCaches }) / 60
    assert.ok(minutes(true) <= 60, `${minutes(true)} min`)
    assert.ok(minutes(false) <= 80, `${minutes(false)} min`)
  })

  it('has enough time for the largest samples that the budgets allow', () => {
    const stack = readStack(root, 4000)
    for (const name of suiteNames) {
      const { any, changed } = suites[name](stack).budget
      const { sampled } = plan.find(part => part.name === `make ${name}`)!
      assert.ok(sampled!.most >= any + changed, name)
    }
  })

  it('equals the table in docs/testing.md', () => {
    const cells = (line: string) => line.split('|').map(cell => cell.trim())
    const text = readFileSync(join(root, 'docs/testing.md'), 'utf8')
    const documented = text
      .split('\n')
      .filter(line => line.startsWith('|'))
      .map(cells)
    for (const line of planTable()) {
      const isSeparator = line.startsWith('| ---')
      if (!isSeparator)
        assert.ok(
          documented.some(row => isDeepStrictEqual(row, cells(line))),
          `it has no line ${line}`
        )
    }
  })
})
