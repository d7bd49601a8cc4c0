import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { follow } from '../src/output/follow.ts'

describe('follow', () => {
  const folder = mkdtempSync(join(tmpdir(), 'follow-'))
  after(() => rmSync(folder, { recursive: true }))

  it('reports appended lines once they are complete, and the rest at the end', async () => {
    const file = join(folder, 'a.log')
    appendFileSync(file, 'before\n')
    const lines: string[] = []
    const end = follow(file, line => lines.push(line))
    appendFileSync(file, 'one\ntw')
    await until(() => lines.length === 1)
    appendFileSync(file, 'o\nthree\n')
    end()
    assert.deepEqual(lines, ['one', 'two', 'three'])
  })

  it('continues at the start of a file that was emptied', async () => {
    const file = join(folder, 'b.log')
    const lines: string[] = []
    const end = follow(file, line => lines.push(line))
    appendFileSync(file, 'a long first line\n')
    await until(() => lines.length === 1)
    truncateSync(file)
    appendFileSync(file, 'short\n')
    end()
    assert.deepEqual(lines, ['a long first line', 'short'])
  })
})
