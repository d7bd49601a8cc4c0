import assert from 'node:assert/strict'
import { httpServer } from '@bulkhead/testing/http-server'
import { rawRequest } from '@bulkhead/testing/raw-request'
import { startGateway, stubService } from './helper.ts'
import { operations } from './operations.ts'

const PATH = '/api/v1/things/things/1'

describe('request targets at the gateway', () => {
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

  it('may have the absolute form with any host; the service gets the checked path and query', async () => {
    assert.equal(await statusOf(`http://evil.example${PATH}?limit=5`), 200)
    assert.equal(await statusOf('http://evil.example/api/v1/things/holds'), 404)
    assert.deepEqual(sent(), ['/things/1?limit=5'])
  })

  it('are not sent on if they are malformed, and then open no circuit', async () => {
    for (const target of [`http://ada@evil.example${PATH}`, `${PATH}#x`, `${PATH}%`, `${PATH}?limit=|`, `${PATH}"`]) {
      for (let count = 0; count < 12; count++) assert.equal(await statusOf(target), 400)
    }
    assert.equal(await statusOf(PATH), 200)
    assert.deepEqual(sent(), ['/things/1'])
  })

  it('are sent on as they were checked, including encoded unreserved characters', async () => {
    assert.equal(await statusOf('/api/v1/things/%74hings/%31%2fx'), 200)
    assert.equal(await statusOf('/api/v1/things/things/%2e%2E'), 404)
    assert.deepEqual(sent(), ['/things/1%2fx'])
  })

  it('count against the limit of their client if they are malformed', async () => {
    const empty = await startGateway({ things: things.stub.url }, { lease: async () => 0 })
    const limited = await httpServer(empty.app)
    const answer = await rawRequest(limited.port, `GET ${PATH}% HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 429 /)
    await limited.stop()
    await empty.close()
  })

  it('get a request ID in the refusal if they are malformed', async () => {
    const answer = await rawRequest(front.port, `GET ${PATH}% HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*\r\nX-Request-Id: /)
  })

  it('may have a question mark in the name of a parameter', async () => {
    assert.equal(await statusOf(`${PATH}??limit=5`), 200)
    assert.deepEqual(sent(), ['/things/1??limit=5'])
  })
})
