import { deepEqual } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { NEVER_READY } from './never-ready.ts'

const SERVER = join(import.meta.dirname, '../../../packages/chassis/src/http/management-server.ts')
/** A program with the management port of a service that is ready. */
const PROGRAM = `
import { managementServer } from ${JSON.stringify(SERVER)}
const registry = { metrics: async () => 'metrics', contentType: 'text/plain' }
const server = managementServer({ health: { ready: true }, registry, inspect: () => undefined }).listen(0, '127.0.0.1')
server.on('listening', () => console.log(server.address().port))
`

describe('a service that is never ready', () => {
  it('answers requests and the liveness probe, and answers the readiness probe with 503', async () => {
    const env = { ...process.env, NODE_OPTIONS: NEVER_READY }
    const running = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      env,
      stdio: ['ignore', 'pipe', 'inherit']
    })
    try {
      const [port] = await once(running.stdout, 'data')
      const paths = ['/livez', '/readyz', '/metrics', '/readyz']
      const statuses = paths.map(async path => (await fetch(`http://127.0.0.1:${Number(port)}${path}`)).status)
      deepEqual(await Promise.all(statuses), [200, 503, 200, 503])
    } finally {
      running.kill('SIGKILL')
    }
  })
})
