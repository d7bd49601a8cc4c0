import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
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

  for (const call of ['up --help', 'help up', '--help up'])
    it(`shows the help of a command with "${call}"`, async () => {
      const { code, stdout } = await bulkhead(...call.split(' '))
      assert.equal(code, 0)
      assert.match(stdout, /^bulkhead up/)
    })

  it('shows examples of a command', async () => {
    const { code, stdout } = await bulkhead('import', 'products', '--help')
    assert.equal(code, 0)
    assert.match(stdout, /Examples\n {2}bulkhead import products products_export\.csv/)
  })

  it('lists the commands of a group', async () => {
    const { code, stdout } = await bulkhead('events', '--help')
    assert.equal(code, 0)
    assert.match(stdout, /bulkhead events lag .*bulkhead events replay /s)
    assert.doesNotMatch(stdout, /bulkhead up/)
    const incomplete = await bulkhead('events')
    assert.equal(incomplete.code, 2)
    assert.match(incomplete.stderr, /^bulkhead: choose one of these\n.*bulkhead events replay /s)
  })

  it('prints its version', async () => assert.match((await bulkhead('--version')).stdout, /^bulkhead \d+\.\d+\.\d+\n$/))

  for (const { call, suggestion } of [
    { call: 'upp', suggestion: 'up' },
    { call: 'stauts', suggestion: 'status' },
    { call: 'events replay-all cart', suggestion: 'events replay' },
    { call: 'import product products.csv', suggestion: 'import products' }
  ]) {
    it(`refuses "${call}" with code 2 and suggests ${suggestion}`, async () => {
      const { code, stderr } = await bulkhead(...call.split(' '))
      assert.equal(code, 2)
      assert.equal(stderr, `bulkhead: there is no command "${call}". Did you mean \`bulkhead ${suggestion}\`?\n`)
    })
  }

  it('lists its commands if none is similar', async () => {
    const { code, stderr } = await bulkhead('xyzzy')
    assert.equal(code, 2)
    assert.match(stderr, /^bulkhead: there is no command "xyzzy"\n.*bulkhead up/s)
  })

  for (const { call, problem } of [
    { call: 'up --quick', problem: 'up: there is no option --quick\n' },
    { call: 'up --detahc', problem: 'up: there is no option --detahc. Did you mean --detach?\n' },
    { call: 'import products', problem: 'import products: FILE is missing' },
    { call: 'import products one.csv two.csv', problem: 'import products: "two.csv" is one argument too many' },
    { call: 'status now', problem: 'status: "now" is one argument too many' }
  ]) {
    it(`refuses "${call}" with code 2 and the usage`, async () => {
      const { code, stderr } = await bulkhead(...call.split(' '))
      assert.equal(code, 2)
      assert.ok(stderr.startsWith(`bulkhead ${problem}`), stderr)
      assert.match(stderr, /\nUsage: bulkhead /)
    })
  }

  it('refuses a --root that is not a checkout, before and after the command', async () => {
    for (const call of [
      ['--root', tmpdir(), 'reset'],
      ['reset', `--root=${tmpdir()}`]
    ]) {
      const { code, stderr } = await bulkhead(...call)
      assert.equal(code, 1)
      assert.ok(stderr.startsWith(`bulkhead: ${tmpdir()} is not a checkout of Bulkhead`), stderr)
    }
  })
})
