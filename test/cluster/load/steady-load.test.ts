import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sent } from '@bulkhead/testing/traffic'
import { CONNECTIONS, loadShortfall, steadyLoad, whileLoaded } from './steady-load.ts'

const get = (): Sent => ({ method: 'GET', path: '/', expected: [200] })
const post = (): Sent => ({ ...get(), method: 'POST' })

/** Starts a local server that counts its connections. */
async function answering(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  let connections = 0
  server.on('connection', () => connections++)
  return {
    target: { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, trust: {} },
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  }
}

describe('the load of test-cluster', () => {
  it('stays on the connections of its first requests if keptOnly is set', async () => {
    const stopping = new AbortController()
    let asked = 0
    await using server = await answering(async (_, response) => {
      if (++asked >= 5 * CONNECTIONS) stopping.abort()
      await delay(5)
      response.end('{}')
    })
    const load = { perSecond: 500, next: get, atOnce: CONNECTIONS, keptOnly: true }
    const met = await steadyLoad(server.target, load, stopping.signal)
    deepEqual(met.failures, [])
    ok(met.sent >= 5 * CONNECTIONS)
    equal(server.connections(), CONNECTIONS)
  })

  it('sends half of its requests on new connections by default', async () => {
    const stopping = new AbortController()
    await using server = await answering((_, response) => {
      if (server.connections() >= 20) stopping.abort()
      response.end('{}')
    })
    const met = await steadyLoad(server.target, { perSecond: 500, next: get }, stopping.signal)
    deepEqual(met.failures, [])
    ok(server.connections() >= met.sent / 2)
  })

  it('reports its failures and the failure of the work', async () => {
    let failed: () => void
    const failing = new Promise<void>(resolve => (failed = resolve))
    await using server = await answering((_, response) => {
      response.writeHead(503).end('away')
      failed()
    })
    const { met, findings } = await whileLoaded(server.target, { perSecond: 100, next: get }, async () => {
      await failing
      throw new Error('helm is gone')
    })
    match(findings[0]!, /failed: helm is gone$/)
    match(findings[1]!, /503 away/)
    equal(findings.at(-1), `failed requests: expected 0, got ${met.failures.length}`)
  })

  it('has findings if its rate or its share of writes is too low', () => {
    const met = { sent: 540, writes: 180, seconds: 10, times: [], failures: [] }
    const load = { perSecond: 54, next: post }
    deepEqual(loadShortfall(met, load, 50, 1 / 3), [])
    deepEqual(loadShortfall({ ...met, sent: 515, writes: 172 }, load, 50, 1 / 3), [])
    match(loadShortfall({ ...met, writes: 179 }, load, 50, 1 / 3)[0]!, /^179 of 540 requests were writes/)
    match(loadShortfall({ ...met, sent: 510, writes: 170 }, load, 50, 1 / 3)[0]!, /^the load was 51\.0 .* not 51\.3$/)
    match(
      loadShortfall({ ...met, sent: 495, writes: 165 }, { ...load, perSecond: 50 }, 50, 1 / 3)[0]!,
      /49\.5 .* not 50\.0/
    )
  })
})
