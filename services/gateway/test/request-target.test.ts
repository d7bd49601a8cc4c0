import assert from 'node:assert/strict'
import { httpServer } from '@bulkhead/testing/http-server'
import { rawRequest } from '@bulkhead/testing/raw-request'
import { startGateway, stubService } from './helper.ts'
import { operations } from './operations.ts'

const PATH = '/api/v1/things/things/1'

describe('the gateway, for request targets', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof startGateway>>
  let front: Awaited<ReturnType<typeof httpServer>>

  beforeEach(async () => {
    things = await stubService(operations)
    made = await startGateway({ things: things.stub.url })
    front = await httpServer(made.app)
  })
  afterEach(async () => {
    await front.stop()
    await made.close()
    await things.stop()
  })

  async function statusOf(target: string) {
    const answer = await rawRequest(
      front.port,
      `GET ${target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`
    )
    return Number(answer.split(' ')[1])
  }
  const sent = () => things.seen.map(({ request }) => request.url)

  it('takes the absolute form at any name and sends on the path and the query that it checked', async () => {
    assert.equal(await statusOf(`http://evil.example${PATH}?limit=5`), 200)
    assert.equal(await statusOf(`http://evil.example${PATH}?unknown=1`), 400)
    assert.equal(await statusOf('http://evil.example/api/v1/things/holds'), 404)
    assert.deepEqual(sent(), ['/things/1?limit=5'])
  })

  it('sends no request on that is malformed, and keeps the service open for others', async () => {
    for (const target of [`http://ada@evil.example${PATH}`, `${PATH}#x`, `${PATH}%`, `${PATH}?limit=|`, `${PATH}"`]) {
      for (let count = 0; count < 12; count++) assert.equal(await statusOf(target), 400)
    }
    assert.equal(await statusOf(PATH), 200)
    assert.deepEqual(sent(), ['/things/1'])
  })

  it('checks and sends on the same path where unreserved characters are encoded', async () => {
    assert.equal(await statusOf('/api/v1/things/%74hings/%31%2fx'), 200)
    assert.equal(await statusOf('/api/v1/things/things/%2e%2E'), 404)
    assert.deepEqual(sent(), ['/things/1%2fx'])
  })

  it('counts malformed requests against the limit of their client', async () => {
    const empty = await startGateway({ things: things.stub.url }, { lease: async () => 0 })
    const limited = await httpServer(empty.app)
    const answer = await rawRequest(limited.port, `GET ${PATH}% HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 429 /)
    await limited.stop()
    await empty.close()
  })

  it('gives the refusal of a malformed request an ID', async () => {
    const answer = await rawRequest(front.port, `GET ${PATH}% HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*\r\nX-Request-Id: /)
  })

  it('reads a question mark in the query as part of a name', async () => {
    assert.equal(await statusOf(`${PATH}??limit=5`), 400)
    assert.deepEqual(sent(), [])
  })
})
