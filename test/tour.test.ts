import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { identityOf } from '../packages/cli/src/processes/processes.ts'
import { runFile } from '../packages/cli/src/runner/run.ts'
import { writeRunRecord } from '../packages/cli/src/runner/run-record.ts'
import { readStack } from '../packages/cli/src/services/stack.ts'

const ROOT = join(import.meta.dirname, '..')
/** A PORT_BASE that no stack uses. */
const PORT_BASE = 64_700

describe('make tour', () => {
  const stack = readStack(ROOT, PORT_BASE)
  afterEach(() => rmSync(stack.folder, { recursive: true, force: true }))

  const tour = () =>
    spawnSync(join(ROOT, 'scripts/tour.sh'), {
      env: { ...process.env, PORT_BASE: String(PORT_BASE) },
      encoding: 'utf8'
    })

  it('fails if no stack runs', () => {
    const { status, stderr } = tour()
    assert.deepEqual({ status, stderr }, { status: 1, stderr: 'tour: no stack runs. Start it: make up DETACH=1\n' })
  })

  it('names the services that it needs and that do not run', () => {
    mkdirSync(stack.folder, { recursive: true })
    const runner = identityOf('runner', process.pid)
    const members = ['gateway', 'catalog', 'cart', 'identity']
    writeRunRecord(runFile(stack), { runner, services: [], stores: [], chosen: [], members, state: 'ready' })
    const { status, stderr } = tour()
    const missing =
      'tour: this stack runs without inventory, orders, sandbox. Add them: make up SERVICES=inventory,orders,sandbox\n'
    assert.deepEqual({ status, stderr }, { status: 1, stderr: missing })
  })
})
