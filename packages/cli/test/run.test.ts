import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { beginRun, runFile } from '../src/runner/run.ts'
import { readStack } from '../src/services/stack.ts'
import { fixtureRepository } from './fixture.ts'

describe('a run that has ended', () => {
  it('keeps no record, although services were joining it', async () => {
    const stack = readStack(fixtureRepository(), 4000)
    const run = await beginRun(stack, () => undefined)
    run.belong(['alpha'])
    assert.ok(existsSync(runFile(stack)))
    await run.end()
    run.belong(['alpha', 'beta'])
    run.chose(['Redis: one a service'])
    run.ready()
    assert.equal(existsSync(runFile(stack)), false)
    rmSync(stack.root, { recursive: true })
  })
})
