import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordingLog } from '@bulkhead/testing/silent'
import { upstreams } from '../src/routing/upstreams.ts'

describe('a contract that cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-upstreams-'))
  after(() => rmSync(folder, { recursive: true }))

  it('is logged once for each service, however often the gateway asks', async () => {
    const file = join(folder, 'upstreams.json')
    writeFileSync(file, JSON.stringify({ things: 'http://127.0.0.1:1', others: 'http://127.0.0.1:1' }))
    const { log, lines } = recordingLog()
    const cache = { read: async () => undefined, keep: async () => false }
    const { refresh } = upstreams({ file, cache, log, limiter: () => assert.fail('No operation is known') })
    for (let asked = 0; asked < 3; asked++) await refresh()
    assert.deepEqual(lines.map(({ msg }) => msg).sort(), [
      'Cannot read the contract of others',
      'Cannot read the contract of things'
    ])
  })
})
