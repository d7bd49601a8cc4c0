import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@bulkhead/testing/redis-server'
import { testStack } from '../test-stack.ts'
import { needRestic } from './temporary-repository.ts'

describe('bulkhead backup and bulkhead restore', () => {
  before(needRestic)

  const stack = testStack()
  beforeEach(() => {
    const file = join(stack.root, 'services/beta/package.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...manifest, bulkhead: { ...manifest.bulkhead, state: 'records' } }))
  })

  const folder = () => join(stack.root, '.data', String(stack.portBase))

  async function run(...args: string[]) {
    const command = stack.run(...args)
    return { code: await command.ended, output: command.output() }
  }

  /** Makes the folder of beta's store, as a stack that ran has it. */
  const makeStore = () => mkdirSync(join(folder(), 'stores/beta.redis'), { recursive: true })

  async function withStore<Result>(use: (redis: ReturnType<typeof connect>) => Promise<Result>): Promise<Result> {
    const redis = connect(`redis://127.0.0.1:${stack.portBase + 202}`)
    return use(redis).finally(() => redis.disconnect())
  }

  it('bring back all records after everything but the backups was deleted', async () => {
    const { runner } = await stack.ready()
    await withStore(redis => redis.set('cart', 'full'))
    assert.match((await run('backup', 'all')).output, /^beta: [0-9a-f]{8} of \S+Z \(1 record, /m)
    const refused = await run('restore', 'beta', '--yes')
    assert.deepEqual(
      { ...refused, output: refused.output.includes('may not run during a restore') },
      { code: 1, output: true }
    )
    await run('down')
    await runner.ended
    assert.equal((await run('reset')).code, 0)
    const restored = await run('restore', 'all')
    assert.match(restored.output, /^beta: restored [0-9a-f]{8} .* Every record equals the backup$/m)
    await stack.ready()
    assert.equal(await withStore(redis => redis.get('cart')), 'full')
  })

  it('make neither stores nor backups of a stack that never ran', async () => {
    const { code, output } = await run('backup', 'all')
    assert.equal(code, 1)
    assert.match(output, /there is nothing to back up: .* has no store of beta\. Start the stack/)
    assert.ok(!existsSync(join(folder(), 'stores')))
  })

  it('refuse an empty store whose last backup has records, unless that is meant', async () => {
    const { runner } = await stack.ready()
    await withStore(redis => redis.set('cart', 'full'))
    assert.equal((await run('backup', 'beta')).code, 0)
    await withStore(redis => redis.del('cart'))
    const refused = await run('backup', 'beta')
    assert.equal(refused.code, 1)
    assert.match(refused.output, /beta has no records now, and its last backup \w{8} of \S+ has 1\. .*--allow-empty/)
    assert.equal((await run('backup', 'beta', '--allow-empty')).code, 0)
    await run('down')
    await runner.ended
  })

  it('keep the password in a file that only its owner can read', async () => {
    makeStore()
    await run('backup', 'beta')
    assert.equal(statSync(join(folder(), 'backups/password')).mode & 0o777, 0o600)
  })

  it('say that the file with the password of the backups is missing, and make no new one', async () => {
    makeStore()
    await run('backup', 'beta')
    rmSync(join(folder(), 'backups/password'))
    const { code, output } = await run('backup', 'list')
    assert.equal(code, 1)
    assert.match(output, /has backups, and the file with their password is missing: .*password/)
    assert.ok(!existsSync(join(folder(), 'backups/password')))
  })

  it('ask before records are replaced, and name what is missing', async () => {
    assert.match((await run('backup', 'list')).output, /^There are no backups in .*\. Make one: bulkhead backup all$/m)
    assert.match((await run('backup', 'alpha')).output, /alpha has no records to back up\. Choose from all, beta/)
    makeStore()
    await run('backup', 'beta')
    const asked = await run('restore', 'beta')
    assert.match(asked.output, /beta: its store has 0 records now; the backup \w{8} of \S+, \d+ \w+ old, has 0 records/)
    assert.match(asked.output, /Replace all records of beta in .*\? This needs --yes, or with make: YES=1/)
    const early = await run('restore', 'beta', '--yes', '--at', '2020-01-01T00:00:00Z')
    assert.match(early.output, /there is no backup of beta at 2020-01-01T00:00:00.000Z or before\. The oldest is of 20/)
    assert.ok(!existsSync(join(folder(), 'stores/beta.restoring')))
  })

  it('do not start a stack whose restore did not finish', async () => {
    makeStore()
    await run('backup', 'beta')
    writeFileSync(join(folder(), 'stores/beta.restoring'), '')
    const { code, output } = await run('up')
    assert.equal(code, 1)
    assert.match(output, /the restore of beta did not finish.*bulkhead restore beta/)
    assert.equal((await run('restore', 'beta', '--yes')).code, 0)
    assert.ok(!existsSync(join(folder(), 'stores/beta.restoring')))
  })
})
