import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { contractOf, operation } from '@bulkhead/chassis/contract'
import { httpServer } from '@bulkhead/testing/http-server'
import request from 'supertest'
import { startGateway } from './helper.ts'

/** A service with one operation at `path`, and with the ETag of its contract if it sends one. */
type Release = { path: `/${string}`; etag?: string | undefined }

const textOf = ({ path }: Release) => {
  const only = operation({
    id: 'getThing',
    method: 'get',
    path,
    summary: 'Get a thing',
    callers: ['public'],
    answers: { 200: { description: 'It', body: null } }
  })
  const contract = { service: 'things', version: '1.0.0', summary: 'Keeps things', operations: [only], events: [] }
  return JSON.stringify(contractOf(contract))
}

describe('the contract of a service', () => {
  let release: Release
  let statuses: number[]
  let service: Awaited<ReturnType<typeof httpServer>>
  let made: Awaited<ReturnType<typeof startGateway>>

  function answerContract({ headers }: IncomingMessage, response: ServerResponse) {
    const { etag } = release
    const status = etag !== undefined && headers['if-none-match'] === etag ? 304 : 200
    statuses.push(status)
    if (etag) response.setHeader('ETag', etag)
    response.writeHead(status).end(status === 304 ? undefined : textOf(release))
  }

  async function begin(first: Release) {
    release = first
    statuses = []
    service = await httpServer((asked, response) => {
      if (asked.url === '/.well-known/contract') answerContract(asked, response)
      else response.end()
    })
    made = await startGateway({ things: service.url })
    await made.refresh()
  }

  afterEach(async () => {
    await made.close()
    await service.stop()
  })

  it('is not sent again while it is unchanged', async () => {
    await begin({ path: '/things', etag: '"1"' })
    await made.refresh()
    assert.equal(statuses.at(-1), 304)
    assert.equal(statuses.filter(status => status === 200).length, 1)
    await request(made.app).get('/api/v1/things/things').expect(200)
  })

  for (const [first, second] of [
    ['"1"', '"2"'],
    [undefined, undefined]
  ]) {
    it(`is used after a change ${first ? 'with' : 'without'} an ETag`, async () => {
      await begin({ path: '/things', etag: first })
      release = { path: '/others', etag: second }
      await made.refresh()
      await request(made.app).get('/api/v1/things/others').expect(200)
      await request(made.app).get('/api/v1/things/things').expect(404)
    })
  }
})
