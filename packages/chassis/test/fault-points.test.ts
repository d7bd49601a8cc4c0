import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { killAt } from '../src/fault-points.ts'

describe('killAt', () => {
  it('knows its fault points', () => {
    assert.throws(() => killAt('at-lunch'), /Unknown fault point at-lunch. Known: after-write-before-publish, /)
  })

  it('kills the process as it passes the point for the nth time', async () => {
    const child = fork(join(import.meta.dirname, 'fixtures/passes.ts'), ['after-publish-before-mark:3'], {
      execArgv: []
    })
    let passed = 0
    child.on('message', () => passed++)
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'])
    assert.equal(passed, 2)
  })
})
