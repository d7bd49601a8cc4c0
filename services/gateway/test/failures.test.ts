import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type ServerResponse } from 'node:http'
import { staff } from '@bulkhead/testing/callers'
import { httpServer } from '@bulkhead/testing/http-server'
import request from 'supertest'
import { operations } from './operations.ts'
import { gateway, stubService } from './stand.ts'

const PATH = '/api/v1/things/things/1'

const { header: STAFF } = staff()

describe('the gateway, when a service fails', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof gateway>>

  beforeEach(async () => {
    things = await stubService(operations)
    made = await gateway({ things: things.stub.url })
  })
  afterEach(async () => {
    await made.close()
    await things.stop()
  })

  const metric = async (name: string) => (await made.registry.getSingleMetric(name)!.get()).values

  it('answers 503, not 404, while it is away, and routes to it again when it is back', async () => {
    await things.stop()
    await made.refresh()
    const { body } = await request(made.app).get(PATH).expect(503).expect('Retry-After', '1')
    assert.equal(body.detail, 'things is not available')
    await things.startAgain()
    await request(made.app).get(PATH).expect(200)
  })

  it('answers 503 for a service whose contract nobody knows', async () => {
    await things.stop()
    const fresh = await gateway({ things: things.stub.url })
    await request(fresh.app).get(PATH).expect(503)
    await request(fresh.app).get('/api/v1/nothing/things/1').expect(404)
    await fresh.close()
    await things.startAgain()
  })

  it('answers 504 at the deadline, and lets the service know', async () => {
    const gone = new Promise(resolve => {
      things.stub.answer = (_request, response) => response.on('close', resolve)
    })
    const { body } = await request(made.app).get(PATH).set('X-Timeout-Ms', '50').expect(504)
    assert.equal(body.type, 'urn:bulkhead:problem:timed-out')
    await gone
  })

  for (const lengthKnown of [true, false]) {
    it(`breaks off when the service does, ${lengthKnown ? 'with' : 'without'} a length`, async () => {
      things.stub.answer = (_request, response) => {
        if (lengthKnown) response.setHeader('Content-Length', '100')
        response.write('half', () => response.destroy())
      }
      const server = await httpServer(made.app)
      const [answer] = await once(get({ port: server.port, path: PATH }), 'response')
      await assert.rejects(async () => {
        for await (const _ of answer) {
          // until it breaks off
        }
      }, /aborted/)
      await server.stop()
    })
  }

  it('gives a request up when its client does', async () => {
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

  it('asks again, once, when the connection of a read fails before an answer, and never for a change', async () => {
    things.stub.answer = incoming => incoming.socket.destroy()
    await request(made.app).get(PATH).expect(503)
    assert.equal(things.seen.length, 2)
    await request(made.app).delete(PATH).set('Authorization', STAFF).expect(503)
    assert.equal(things.seen.length, 3)
    assert.equal((await metric('bulkhead_client_retries_total'))[0]!.value, 1)
  })

  it('opens the circuit of that service alone, says so, and asks it again later', async () => {
    const others = await stubService(operations, 'others')
    await made.close()
    made = await gateway({ things: things.stub.url, others: others.stub.url })
    things.stub.answer = (_request, response) => response.writeHead(503).end()
    for (let asked = 0; asked < 20; asked++) await request(made.app).get(PATH).expect(503)
    const reached = things.seen.length
    await request(made.app).get(PATH).expect(503).expect('Retry-After', '2')
    assert.ok(reached < 20)
    assert.equal(things.seen.length, reached)
    await request(made.app).get('/api/v1/others/things/1').expect(200)
    const open = (await metric('bulkhead_client_circuit_open')).find(({ labels }) => labels.target === 'things')
    assert.equal(open?.value, 1)
    await others.stop()
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

  it('keeps places for other services when all of one are taken', async () => {
    const others = await stubService(operations, 'others')
    await made.close()
    made = await gateway({ things: things.stub.url, others: others.stub.url })
    const waiting: ServerResponse[] = []
    things.stub.answer = (_request, response) => waiting.push(response)
    const server = await httpServer(made.app)
    const base = server.url
    const statuses = Array.from({ length: 155 }, () => fetch(base + PATH).then(({ status }) => status))
    const rejected = await Promise.race(statuses)
    assert.equal(rejected, 503)
    assert.equal((await fetch(`${base}/api/v1/others/things/1`)).status, 200)
    things.stub.answer = (_request, response) => response.end('{}')
    while (waiting.length > 0) waiting.pop()!.end('{}')
    const all = await Promise.all(statuses)
    assert.equal(all.filter(status => status === 200).length, 150)
    await server.stop()
    await others.stop()
  })
})
