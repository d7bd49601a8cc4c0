import { deepEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parsePortBase, readStack } from '../../packages/cli/src/services/stack.ts'
import { budgetOf, budgets } from './budgets.ts'
import { allParts } from './suite.ts'

const root = join(import.meta.dirname, '../..')

describe('the budgets of test-cluster', () => {
  const names = allParts(readStack(root, parsePortBase(undefined))).map(({ name }) => name)

  it('exist for every part, and for no other name', () => {
    deepEqual(
      names.filter(name => budgetOf(name) === undefined),
      []
    )
    deepEqual(
      Object.keys(budgets).filter(start => !names.some(name => name.startsWith(start))),
      []
    )
  })

  it('equal those in docs/kubernetes.md', () => {
    const text = readFileSync(join(root, 'docs/kubernetes.md'), 'utf8')
    const table = text.slice(text.indexOf('## What is tested'), text.indexOf('## The local node'))
    const rows = table.split('\n').filter(line => /^\| .* \d+ s +\|$/.test(line))
    const shown = rows.map(row => row.split('|').map(cell => cell.trim()))
    deepEqual(
      shown.map(([, name, , , budget]) => [name, budget]),
      Object.entries(budgets).map(([start, seconds]) => [start, `${seconds} s`])
    )
  })
})
