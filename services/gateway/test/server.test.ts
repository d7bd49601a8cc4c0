import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const program = join(import.meta.dirname, '../src/server.ts')

function run(environment: Record<string, string>) {
  const child = spawn(process.execPath, [program], { env: environment })
  const output = { out: '', error: '' }
  child.stdout.on('data', text => {
    output.out += text
  })
  child.stderr.on('data', text => {
    output.error += text
  })
  return { child, output, ended: once(child, 'close') }
}

describe('the process of the gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-gateway-process-'))
  after(() => rmSync(folder, { recursive: true }))

  it('lists every problem of its configuration and ends with code 1', async () => {
    const { output, ended } = run({ PORT: 'x' })
    assert.equal((await ended)[0], 1)
    for (const name of ['PORT', 'UPSTREAMS_FILE', 'REDIS_URL', 'PEOPLE_JWKS', 'SERVICES_NAMESPACE']) {
      assert.match(output.error, new RegExp(`^ {2}${name}: `, 'm'))
    }
    assert.doesNotMatch(output.error, /\bat .*\.ts:/)
  })

  it('is ready, names itself in its log, and ends with code 0 at SIGTERM', async () => {
    const file = join(folder, 'upstreams.json')
    writeFileSync(file, '{}')
    const keys = `file://${join(folder, 'keys.json')}`
    const { child, output, ended } = run({
      ...{
        HOST: '127.0.0.1',
        PORT: '0',
        OPS_PORT: '0',
        DRAIN_SECONDS: '0',
        UPSTREAMS_FILE: file,
        REDIS_URL: 'redis://127.0.0.1:1'
      },
      ...{ PEOPLE_ISSUER: 'people', PEOPLE_JWKS: keys },
      ...{ SERVICES_ISSUER: 'services', SERVICES_JWKS: keys, SERVICES_NAMESPACE: 'bulkhead' }
    })
    while (!output.out.includes('"ready"')) await once(child.stdout, 'data')
    child.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null])
    const lines = output.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    assert.ok(lines.every(line => line.service === 'gateway'))
    // By their times: on a busy machine the last two were seen written the other way round.
    lines.sort((one, other) => Date.parse(one.time) - Date.parse(other.time))
    assert.deepEqual(
      lines.map(line => line.msg).filter(message => ['ready', 'draining', 'stopped'].includes(message)),
      ['ready', 'draining', 'stopped']
    )
  })
})
