import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const BIN = join(import.meta.dirname, '../bin/bulkhead.js')

async function bulkhead(...args: string[]) {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [BIN, ...args])) }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

describe('bulkhead', () => {
  it('lists its commands', async () => {
    const { code, stdout } = await bulkhead()
    assert.equal(code, 0)
    for (const name of ['up', 'down', 'status', 'reset', 'import products', 'events lag'])
      assert.ok(stdout.includes(`bulkhead ${name}`))
  })

  it('shows examples of a command', async () => {
    const { code, stdout } = await bulkhead('import', 'products', '--help')
    assert.equal(code, 0)
    assert.match(stdout, /Examples\n {2}bulkhead import products products_export\.csv/)
  })

  it('refuses an unknown command and an unknown option with code 2', async () => {
    const command = await bulkhead('upp')
    assert.deepEqual([command.code, command.stderr.split('\n')[0]], [2, 'bulkhead: there is no command "upp"'])
    const option = await bulkhead('up', '--quick')
    assert.equal(option.code, 2)
    assert.match(option.stderr, /^bulkhead up: Unknown option '--quick'/)
  })
})
