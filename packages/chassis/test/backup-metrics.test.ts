import assert from 'node:assert/strict'
import { Registry } from 'prom-client'
import { type BackupRecord, measureBackups } from '../src/core/index.ts'

describe('the metrics of backups', () => {
  /** Returns the figures of a scrape by the end of their names. */
  async function figures(registry: Registry) {
    const text = await registry.metrics()
    const found = [...text.matchAll(/^bulkhead_backup_(\w+)\{store="mongodb"\} (\S+)$/gm)]
    return Object.fromEntries(found.map(([, name, value]) => [name, Number(value)]))
  }

  function registryOf(read: () => Promise<BackupRecord | undefined>) {
    const registry = new Registry()
    measureBackups({ registry, store: 'mongodb', read })
    return registry
  }

  it('are 0 for a store that was never backed up', async () => {
    assert.deepEqual(await figures(registryOf(async () => undefined)), {
      last_success_timestamp_seconds: 0,
      size_bytes: 0,
      last_restore_timestamp_seconds: 0
    })
  })

  it('show the times in seconds, and the size', async () => {
    const record = { backedUpAt: 1_700_000_000_500, bytes: 1_024, restoredAt: 1_700_000_001_000 }
    assert.deepEqual(await figures(registryOf(async () => record)), {
      last_success_timestamp_seconds: 1_700_000_000.5,
      size_bytes: 1_024,
      last_restore_timestamp_seconds: 1_700_000_001
    })
  })

  it('keep their last figures while the store is away or hangs', async () => {
    const reads = [
      () => Promise.resolve({ bytes: 7 }),
      () => Promise.reject(new Error('away')),
      () => new Promise<undefined>(() => undefined)
    ]
    const registry = registryOf(() => reads.shift()!())
    for (const state of ['there', 'away', 'hanging']) assert.equal((await figures(registry)).size_bytes, 7, state)
  })
})
