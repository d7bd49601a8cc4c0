import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, get, request as openRequest, type ServerResponse } from 'node:http'
import { staff } from '@bulkhead/testing/callers'
import { httpServer } from '@bulkhead/testing/http-server'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { startGateway, stubService } from './helper.ts'
import { operations } from './operations.ts'

const PATH = '/api/v1/things/things/1'

const { header: STAFF } = staff()

describe('the gateway while a service fails', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof startGateway>>

  beforeEach(async () => {
    things = await stubService(operations)
    made = await startGateway({ things: things.stub.url })
  })
  afterEach(async () => {
    await made.close()
    await things.stop()
  })

  const metric = async (name: string) => (await made.registry.getSingleMetric(name)!.get()).values
  const openCircuits = async () =>
    (await metric('bulkhead_client_circuit_open')).filter(({ value }) => value === 1).map(({ labels }) => labels)

  it('answers 503, not 404, while a service is unavailable, and routes to it again after its return', async () => {
    await things.stop()
    await made.refresh()
    const { body } = await request(made.app).get(PATH).expect(503).expect('Retry-After', '1')
    assert.equal(body.detail, 'things is not available')
    await things.startAgain()
    await request(made.app).get(PATH).expect(200)
  })

  it('answers 503 for a service whose contract was never read', async () => {
    await things.stop()
    const fresh = await startGateway({ things: things.stub.url })
    await request(fresh.app).get(PATH).expect(503)
    await request(fresh.app).get('/api/v1/nothing/things/1').expect(404)
    await fresh.close()
    await things.startAgain()
  })

  it('answers 504 at the deadline and ends the request at the service', async () => {
    const gone = new Promise(resolve => {
      things.stub.answer = (_request, response) => response.on('close', resolve)
    })
    const { body } = await request(made.app).get(PATH).set('X-Timeout-Ms', '50').expect(504)
    assert.equal(body.type, 'urn:bulkhead:problem:timed-out')
    await gone
  })

  for (const lengthKnown of [true, false]) {
    it(`breaks off the answer when the service does, ${lengthKnown ? 'with' : 'without'} a known length`, async () => {
      things.stub.answer = (_request, response) => {
        if (lengthKnown) response.setHeader('Content-Length', '100')
        response.write('half', () => response.destroy())
      }
      const server = await httpServer(made.app)
      const [answer] = await once(get({ port: server.port, path: PATH }), 'response')
      await assert.rejects(async () => {
        for await (const _ of answer) {
          // Read until the answer breaks off.
        }
      }, /aborted/)
      await server.stop()
    })
  }

  it('ends the request at the service when its client disconnects', async () => {
    const asked = new Promise<ServerResponse>(resolve => {
      things.stub.answer = (_request, response) => resolve(response)
    })
    const server = await httpServer(made.app)
    const call = get({ port: server.port, path: PATH }).on('error', () => undefined)
    const response = await asked
    call.destroy()
    await once(response, 'close')
    assert.equal(response.writableFinished, false)
    await server.stop()
  })

  it('repeats a read once when its connection fails before the answer, and never repeats a change', async () => {
    things.stub.answer = incoming => incoming.socket.destroy()
    await request(made.app).get(PATH).expect(503)
    assert.equal(things.seen.length, 2)
    await request(made.app).delete(PATH).set('Authorization', STAFF).expect(503)
    assert.equal(things.seen.length, 3)
    assert.equal((await metric('bulkhead_client_retries_total'))[0]!.value, 1)
  })

  it('shows closed circuits of a service and its operations before the first request', async () => {
    const circuits = await metric('bulkhead_client_circuit_open')
    const operations = circuits.filter(({ labels }) => labels.target === 'things').map(({ labels }) => labels.operation)
    assert.deepEqual(operations, [undefined, 'getThing', 'putThing', 'patchThing', 'deleteThing'])
    assert.ok(circuits.every(({ value }) => value === 0))
  })

  it('opens only the circuit of a service that answers 502, shows the circuit, and tries the service again later', async () => {
    const others = await stubService(operations, 'others')
    await made.close()
    made = await startGateway({ things: things.stub.url, others: others.stub.url })
    things.stub.answer = (_request, response) => response.writeHead(502).end()
    for (let asked = 0; asked < 10; asked++) await request(made.app).get(PATH).expect(502)
    await request(made.app).get(PATH).expect(503).expect('Retry-After', '2')
    await request(made.app).delete(PATH).set('Authorization', STAFF).expect(503)
    assert.equal(things.seen.length, 10)
    await request(made.app).get('/api/v1/others/things/1').expect(200)
    assert.deepEqual(await openCircuits(), [{ target: 'things' }])
    things.stub.answer = (_request, response) => response.end('{}')
    await until(async () => (await request(made.app).get(PATH)).status === 200)
    assert.deepEqual(await openCircuits(), [])
    await others.stop()
  })

  it('opens no circuit for a 503', async () => {
    things.stub.answer = (_request, response) => response.writeHead(503).end()
    for (let asked = 0; asked < 25; asked++) await request(made.app).get(PATH).expect(503)
    assert.equal(things.seen.length, 25)
    assert.deepEqual(await openCircuits(), [])
  })

  it('opens the circuit of an operation for its time-outs and serves the other operations', async () => {
    await made.close()
    made = await startGateway({ things: things.stub.url }, { times: { read: 100 } })
    things.stub.answer = ({ method }, response) => method === 'GET' || response.end('{}')
    for (let asked = 0; asked < 10; asked++) await request(made.app).get(PATH).expect(504)
    await request(made.app).get(PATH).expect(503).expect('Retry-After', '2')
    await request(made.app).delete(PATH).set('Authorization', STAFF).expect(200)
    assert.deepEqual(await openCircuits(), [{ target: 'things', operation: 'getThing' }])
  })

  it('opens no circuit for clients that set short deadlines or disconnect', async () => {
    things.stub.answer = () => undefined
    const server = await httpServer(made.app)
    for (let asked = 0; asked < 12; asked++) {
      await request(made.app).get(PATH).set('X-Timeout-Ms', '50').expect(504)
      const before = things.seen.length
      const call = get({ port: server.port, path: PATH }).on('error', () => undefined)
      await until(() => things.seen.length > before)
      call.destroy()
    }
    things.stub.answer = (_request, response) => response.end('{}')
    await request(made.app).get(PATH).expect(200)
    assert.deepEqual(await openCircuits(), [])
    await server.stop()
  })

  it('opens no circuit for uploads that are too large or that their clients break off', async () => {
    const { port, stop } = await httpServer(made.app)
    for (let sent = 0; sent < 12; sent++) {
      assert.equal(await uploadStatus(port, call => call.write('x'.repeat(200_001))), 413)
      await assert.rejects(
        uploadStatus(port, call => call.write('x', () => call.destroy())),
        /socket hang up/
      )
    }
    assert.equal(await uploadStatus(port, call => call.end('a,b')), 200)
    assert.deepEqual(await openCircuits(), [])
    await stop()
  })

  it('opens the circuit of a service whose answers break off', async () => {
    things.stub.answer = (_request, response) => response.write('half', () => response.destroy())
    const server = await httpServer(made.app)
    const url = server.url + PATH
    const statuses = []
    for (let asked = 0; asked < 11; asked++) {
      const answer = await fetch(url)
      await answer.text().catch(() => undefined)
      statuses.push(answer.status)
    }
    assert.deepEqual(statuses, [...Array(10).fill(200), 503])
    await server.stop()
  })

  it('keeps places for other clients, operations and services when one client uses all of its places', async () => {
    const others = await stubService(operations, 'others')
    await made.close()
    made = await startGateway({ things: things.stub.url, others: others.stub.url })
    const { url, stop } = await httpServer(made.app)
    const waiting = new Set<ServerResponse>()
    things.stub.answer = ({ method }, response) => (method === 'GET' ? waiting.add(response) : response.end('{}'))
    const ask = async (path = PATH, init: RequestInit = {}) => (await fetch(url + path, init)).status
    const slow = Array.from({ length: 75 }, () => ask())
    await until(() => waiting.size === 25)
    assert.equal(await ask(), 429)
    assert.equal(await ask('/api/v1/others/things/1'), 200)
    assert.equal(await ask(PATH, { method: 'DELETE', headers: { Authorization: STAFF } }), 200)
    things.stub.answer = (_request, response) => response.end('{}')
    for (const response of waiting) response.end('{}')
    assert.deepEqual([...new Set(await Promise.all(slow))], [200])
    await stop()
    await others.stop()
  })
})

/** Sends an upload that `write` writes. Resolves with the status of the answer. */
function uploadStatus(port: number, write: (call: ClientRequest) => unknown) {
  const headers = { authorization: STAFF, 'content-type': 'text/csv' }
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const path = '/api/v1/things/imports'
  const call = openRequest({ port, path, method: 'POST', headers }, answer => resolve(answer.resume().statusCode))
  call.on('error', reject)
  write(call)
  return promise
}
