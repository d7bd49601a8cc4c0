import assert from 'node:assert/strict'
import { get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { recordingLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { inspection } from '../src/http/inspection.ts'
import { managementServer } from '../src/http/management-server.ts'

describe('the inspection of a process', () => {
  let server: Server
  let recorded: ReturnType<typeof recordingLog>
  let port: number

  async function start(isOn = true) {
    recorded = recordingLog()
    const inspect = inspection({ isOn, log: recorded.log })
    server = managementServer({ health: { ready: true }, registry: new Registry(), inspect })
    await new Promise<void>(resolve => server.listen(0, resolve))
    port = (server.address() as AddressInfo).port
  }
  beforeEach(() => start())
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const ask = (method: string, path: string, signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${port}${path}`, { method, signal: signal ?? null })
  const level = async () => (await ask('GET', '/log-level')).json()

  it('is refused unless it is turned on', async () => {
    server.close()
    await start(false)
    for (const [method, path] of [
      ['GET', '/log-level'],
      ['PUT', '/log-level?level=debug&seconds=1'],
      ['POST', '/profiles/cpu'],
      ['POST', '/profiles/heap']
    ] as const) {
      const answer = await ask(method, path)
      assert.equal(answer.status, 403)
      assert.match(await answer.text(), /Inspection is off\. Set INSPECTION=1/)
    }
    assert.equal((await ask('GET', '/readyz')).status, 200)
  })

  /** Resolves with the status of the answer to a request for the log level. */
  const statusOf = (options: object) =>
    new Promise<number | undefined>((resolve, reject) =>
      get({ port, path: '/log-level', host: '127.0.0.1', ...options }, response => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject)
    )

  it('is refused to other machines and to web pages', async () => {
    assert.equal(await statusOf({}), 200)
    assert.equal(await statusOf({ headers: { origin: 'http://127.0.0.1' } }), 403)
    assert.equal(await statusOf({ headers: { host: 'evil.example' } }), 403)
    const other = Object.values(networkInterfaces())
      .flat()
      .find(address => address && !address.internal && address.family === 'IPv4')
    if (other) assert.equal(await statusOf({ host: other.address, headers: { host: 'localhost' } }), 403)
  })

  it('changes the level of the log, and returns to the configured one after the time of the caller', async () => {
    const changed = await ask('PUT', '/log-level?level=debug&seconds=1')
    const { until: end, ...now } = (await changed.json()) as { level: string; configured: string; until: string }
    assert.deepEqual(now, { level: 'debug', configured: 'info' })
    assert.ok(Date.parse(end) > 0)
    recorded.log.debug('a detail')
    await until(async () => recorded.log.level === 'info')
    recorded.log.debug('another detail')
    assert.deepEqual(await level(), { level: 'info', configured: 'info', until: null })
    const messages = recorded.lines.map(({ msg }) => msg)
    assert.ok(messages.includes('a detail') && !messages.includes('another detail'), messages.join())
  })

  for (const query of ['level=loud&seconds=1', 'level=debug', 'level=debug&seconds=3601', 'level=debug&seconds=0']) {
    it(`refuses ${query} as a level`, async () => {
      assert.equal((await ask('PUT', `/log-level?${query}`)).status, 400)
      assert.equal(recorded.log.level, 'info')
    })
  }

  it('takes a CPU profile', async () => {
    const answer = await ask('POST', '/profiles/cpu?seconds=1')
    assert.equal(answer.status, 200)
    const { nodes, startTime, endTime } = (await answer.json()) as {
      nodes: object[]
      startTime: number
      endTime: number
    }
    assert.ok(nodes.length > 0 && endTime > startTime)
  })

  it('takes one profile at a time, and ends one whose caller is gone', async () => {
    const caller = new AbortController()
    const profile = ask('POST', '/profiles/cpu?seconds=60', caller.signal)
    const status = async () => (await ask('POST', '/profiles/cpu?seconds=1')).status
    await until(async () => (await status()) === 409)
    caller.abort()
    await assert.rejects(profile, { name: 'AbortError' })
    await until(async () => (await status()) === 200)
  })

  it('refuses a profile that takes longer than a minute', async () => {
    assert.equal((await ask('POST', '/profiles/cpu?seconds=61')).status, 400)
  })

  it('takes a heap snapshot, and warns of its content in the log', async () => {
    const answer = await ask('POST', '/profiles/heap')
    const { snapshot } = (await answer.json()) as { snapshot: { node_count: number } }
    assert.ok(snapshot.node_count > 0)
    assert.ok(recorded.lines.some(({ msg }) => String(msg).includes('also secrets')))
  })
})
