import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finalStates, transitions } from '../src/lifecycle/machine.ts'

const FILE = join(import.meta.dirname, '../../../docs/orders.md')

/** Returns the transitions of an order as a Mermaid state diagram. */
function diagram() {
  const arrows = Object.entries(transitions).flatMap(([from, after]) => {
    const triggers = Map.groupBy(Object.entries(after), ([, to]) => to)
    return [...triggers].map(
      ([to, entries]) => `  ${from} --> ${to}: ${entries.map(([trigger]) => trigger).join(', ')}`
    )
  })
  const lines = ['stateDiagram-v2', '  [*] --> placed', ...arrows, ...finalStates.map(end => `  ${end} --> [*]`)]
  return ['```mermaid', ...lines, '```'].join('\n')
}

describe('docs/orders.md', () => {
  it('has a diagram of all transitions', () => {
    const text = readFileSync(FILE, 'utf8')
    const drawn = text.replace(
      /(<!-- the diagram:[^>]* -->\n).*?(\n<!-- end of the diagram -->)/s,
      (_, begin: string, end: string) => `${begin}\n${diagram()}\n${end}`
    )
    if (process.env.UPDATE) writeFileSync(FILE, drawn)
    else assert.equal(text, drawn, 'Run: UPDATE=1 npx mocha services/orders/test/diagram.test.ts')
  })
})
