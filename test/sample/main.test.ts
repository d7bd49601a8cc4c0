import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

describe('test/sample', () => {
  function run(suite: string, environment: Record<string, string>) {
    const env = { ...process.env, ...environment }
    return spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), suite], { encoding: 'utf8', env })
  }

  it('prints the command that repeats its sample, which chooses the same sample', () => {
    const { stdout, stderr } = run('faults', { SAMPLE: 'abc123' })
    const [, SAMPLE, CHANGED] = /^faults: {3}SAMPLE=(\S+) CHANGED=(\S*) make faults$/m.exec(stderr)!
    assert.equal(SAMPLE, 'abc123')
    assert.ok(stdout.includes('|'))
    assert.equal(run('faults', { SAMPLE, CHANGED: CHANGED! }).stdout, stdout)
    assert.notEqual(run('faults', { SAMPLE: 'abc124', CHANGED: CHANGED! }).stdout, stdout)
  })

  it('adds the services that CHANGED names', () => {
    for (const SAMPLE of ['a', 'b', 'c', 'd'])
      assert.ok(run('fuzz', { SAMPLE, CHANGED: 'cart' }).stdout.split('|').includes('cart as '))
  })

  it('always includes the parts of test-cluster that are not upgrades', () => {
    const parts = run('test-cluster', { SAMPLE: 'abc', CHANGED: 'orders,cart' }).stdout.split('|')
    assert.ok(parts.includes('charts are valid') && parts.includes('autoscaling up and down'))
    const upgrades = parts.filter(part => part.startsWith('upgrade'))
    assert.ok(upgrades.length <= 4, upgrades.join(', '))
    assert.ok(upgrades.includes('upgrade and rollback of orders under load'))
  })

  for (const [what, suite, environment, problem] of [
    ['an unknown service', 'fuzz', { SAMPLE: 'a', CHANGED: 'bread' }, /CHANGED has bread\. The services are .*catalog/],
    ['a missing hash', 'fuzz', { SAMPLE: '' }, /Give the hash of a commit/],
    ['an unknown suite', 'bench', { SAMPLE: 'a' }, /Give one of fuzz, faults, test-cluster/]
  ] as const) {
    it(`refuses ${what}`, () => {
      const { status, stdout, stderr } = run(suite, environment)
      assert.deepEqual([status, stdout], [2, ''])
      assert.match(stderr, problem)
    })
  }
})
