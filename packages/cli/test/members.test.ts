import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import type { KeptStores } from '../src/runner/kept-stores.ts'
import { type Members, stackMembers } from '../src/runner/members.ts'
import { beginRun, type Run } from '../src/runner/run.ts'
import { readStack } from '../src/services/stack.ts'
import { fixtureRepository, freePortBase } from './fixture.ts'

const SIGN_IN_INTERVAL = 300_000
const stores: KeptStores = {
  provide: async () => ({ urls: {}, chosen: [] }),
  admit: async () => undefined,
  withdraw: async () => undefined
}

describe('the renewal of the tokens of people', () => {
  const periods = new Map<unknown, number>()
  const signIns = () => [...periods.values()].filter(milliseconds => milliseconds === SIGN_IN_INTERVAL).length
  let run: Run
  let members: Members
  let root: string

  beforeEach(async () => {
    const { setInterval, clearInterval } = globalThis
    mock.method(globalThis, 'setInterval', (call: () => void, milliseconds: number) => {
      const timer = setInterval(call, milliseconds)
      periods.set(timer, milliseconds)
      return timer
    })
    mock.method(globalThis, 'clearInterval', (timer: NodeJS.Timeout) => {
      periods.delete(timer)
      clearInterval(timer)
    })
    root = fixtureRepository()
    const openapi = { paths: { '/.well-known/jwks.json': {} } }
    writeFileSync(join(root, 'services/beta/openapi.json'), JSON.stringify(openapi))
    const stack = readStack(root, await freePortBase())
    run = await beginRun(stack, () => undefined)
    members = stackMembers({ stack, run, stores, allLogs: false, say: () => undefined })
    await members.prepare()
  })
  afterEach(async () => {
    await run.end()
    for (const timer of periods.keys()) clearInterval(timer as NodeJS.Timeout)
    mock.restoreAll()
    rmSync(root, { recursive: true })
  })

  it('ends when their issuer leaves', async () => {
    await members.open()
    assert.equal(signIns(), 1)
    await members.leave(['beta'], 'its folder is gone')
    assert.equal(signIns(), 0)
  })

  it('goes on once although two groups of services became ready together', async () => {
    await Promise.all([members.open(), members.open()])
    assert.equal(signIns(), 1)
  })
})
