import assert from 'node:assert/strict'
import { join } from 'node:path'
import { slowest } from './reporter.ts'

describe('the report of a run', () => {
  it('names the ten slowest files, the slowest first', () => {
    const files = Array.from(
      { length: 12 },
      (_, number) => [join(process.cwd(), `${number}.test.ts`), 1_000 * number] as const
    )
    const [title, first, ...others] = slowest(new Map(files))
    assert.match(title!, /slowest of 12 files/)
    assert.equal(first, '   11.0 s  11.test.ts')
    assert.equal(others.filter(Boolean).length, 9)
  })

  it('lists nothing for a single file', () => assert.deepEqual(slowest(new Map([['a.test.ts', 1]])), []))
})
