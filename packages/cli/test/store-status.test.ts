import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redisServer } from '@bulkhead/testing/redis-server'
import { askStores } from '../src/runner/store-status.ts'
import type { Service, Stack } from '../src/services/stack.ts'
import { writeStoreAddresses } from '../src/stores/store-addresses.ts'

describe('askStores', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-stores-'))
  after(() => rmSync(folder, { recursive: true }))

  it("asks the user's own server once for all services that use it, and does not show its password", async () => {
    const server = await redisServer()
    const stack = { root: folder, folder, services: [] as Service[] } as unknown as Stack
    const services = ['alpha', 'beta'].map(name => ({ name, store: 'redis', ports: {} }) as unknown as Service)
    const host = new URL(server.url).host
    writeStoreAddresses(stack, { alpha: `redis://:secret@${host}/1`, beta: `redis://${host}/2` })
    await server.kill()
    const [store, ...others] = await askStores(stack, services, [])
    await server.stop()
    assert.deepEqual(others, [])
    assert.deepEqual(
      { ...store, problem: '' },
      { name: `redis ${host}`, health: 'no answer', problem: '', services: ['alpha', 'beta'] }
    )
    assert.doesNotMatch(JSON.stringify(store), /secret/)
  })
})
