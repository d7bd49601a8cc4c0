import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceProcess } from '@bulkhead/testing/service-process'

const run = (environment: Record<string, string>) =>
  serviceProcess(join(import.meta.dirname, '../src/main.ts'), environment)

describe('the process of the gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-gateway-process-'))
  after(() => rmSync(folder, { recursive: true }))

  it('lists every error in its configuration and ends with code 1', async () => {
    const { written, ended } = run({ PORT: 'x', PEOPLE_JWKS: '', SERVICES_NAMESPACE: '' })
    assert.equal((await ended)[0], 1)
    for (const name of ['PORT', 'UPSTREAMS_FILE', 'REDIS_URL', 'PEOPLE_JWKS', 'SERVICES_NAMESPACE']) {
      assert.match(written.error, new RegExp(`^ {2}${name}: `, 'm'))
    }
    assert.doesNotMatch(written.error, /\bat .*\.ts:/)
  })

  it('becomes ready without Redis, writes its name into its log, and ends with code 0 at SIGTERM', async () => {
    const file = join(folder, 'upstreams.json')
    writeFileSync(file, '{}')
    const gateway = run({ UPSTREAMS_FILE: file, REDIS_URL: 'redis://127.0.0.1:1' })
    await gateway.ready()
    gateway.stop()
    assert.deepEqual(await gateway.ended, [0, null])
    const lines = gateway.lines()
    assert.ok(lines.every(line => line.service === 'gateway'))
    assert.deepEqual(
      lines.map(line => line.msg).filter(message => ['ready', 'draining', 'stopped'].includes(message as string)),
      ['ready', 'draining', 'stopped']
    )
  })
})
