import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { bundleImage } from '../../scripts/images/image-files.ts'

const root = join(import.meta.dirname, '../..')
const NOWHERE = 'http://127.0.0.1:1'

describe('the program in an image', function () {
  this.timeout(60_000)
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-image-'))
  const program = join(folder, 'app/server.js')
  const environment = {
    REDIS_URL: process.env.TEST_REDIS_URL!,
    EVENT_LOG_URL: process.env.TEST_REDIS_URL!,
    SERVICE_TOKENS_DIR: folder,
    CATALOG_URL: NOWHERE,
    IDENTITY_URL: NOWHERE
  }

  before(() => bundleImage(root, 'cart', folder))
  after(() => rmSync(folder, { recursive: true }))

  for (const setting of ['KILL_AT', 'STOP_AT']) {
    it(`does not start with ${setting}, and prints the reason`, async () => {
      const { ended, written } = serviceProcess(program, { ...environment, [setting]: 'before-call' })
      assert.deepEqual(await ended, [1, null])
      const why = 'this build has no fault points. Unset it, or run the service from its sources'
      assert.equal(written.error, `The configuration is not valid:\n  ${setting}: ${why}\n`)
    })
  }

  it('starts without these variables', async () => {
    const cart = serviceProcess(program, environment)
    await cart.ready()
    cart.stop()
    assert.deepEqual(await cart.ended, [0, null])
  })

  it('contains no code that ends a process at a fault point', () =>
    assert.doesNotMatch(readFileSync(program, 'utf8'), /Unknown fault point|SIGSTOP/))
})
