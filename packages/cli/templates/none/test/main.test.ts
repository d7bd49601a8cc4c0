import assert from 'node:assert/strict'
import { join } from 'node:path'
import { serviceProcess } from '@bulkhead/testing/service-process'

describe('the process of template', () => {
  it('gets ready and ends with code 0 at SIGTERM', async () => {
    const { ready, stop, ended } = serviceProcess(join(import.meta.dirname, '../src/main.ts'), {})
    await ready()
    stop()
    assert.deepEqual(await ended, [0, null])
  })
})
