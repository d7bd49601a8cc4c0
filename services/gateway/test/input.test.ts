import assert from 'node:assert/strict'
import { request as openRequest } from 'node:http'
import { staff } from '@bulkhead/testing/callers'
import { httpServer } from '@bulkhead/testing/http-server'
import request from 'supertest'
import { startGateway, stubService } from './helper.ts'
import { operations } from './operations.ts'

const { header: STAFF } = staff()

describe('the check of a body at the gateway', () => {
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

  const get = (search: string) => request(made.app).get(`/api/v1/things/things/1${search}`)
  const put = (body: string | object) =>
    request(made.app).put('/api/v1/things/things/1').set('Authorization', STAFF).type('json').send(body)
  const pointers = (body: { errors: { pointer: string }[] }) => body.errors.map(({ pointer }) => pointer)

  for (const { body, pointer } of [
    { body: '{"a":1,"__proto__":{}}', pointer: '/body' },
    { body: '{"a":1,"any":[{"b":{"c":1,"c":1}}]}', pointer: '/body/any/0/b/c' },
    { body: '{"a":', pointer: '/body' },
    { body: '', pointer: '/body' }
  ]) {
    it(`refuses ${JSON.stringify(body)}, names ${pointer} and does not call the service`, async () => {
      const answer = await put(body)
        .expect(400)
        .expect('Content-Type', /problem\+json/)
      assert.deepEqual(pointers(answer.body), [pointer])
      assert.equal(things.seen.length, 0)
    })
  }

  it('leaves fields and query parameters to the service', async () => {
    await get('?unknown=1&limit=many').expect(200)
    await put({ unknown: 1 }).expect(200)
    assert.deepEqual(
      things.seen.map(({ request, body }) => ({ url: request.url, body })),
      [
        { url: '/things/1?unknown=1&limit=many', body: '' },
        { url: '/things/1', body: '{"unknown":1}' }
      ]
    )
  })

  it('refuses a JSON body over the limit with 413, and a wrong media type with 415', async () => {
    await put({ a: 1, attributes: { long: 'x'.repeat(70_000) } }).expect(413)
    await put('').type('text/plain').send('{"a":1}').expect(415).expect('Accept', 'application/json')
    assert.equal(things.seen.length, 0)
  })

  it('accepts a merge patch with either media type', async () => {
    const patch = (type: string) =>
      request(made.app).patch('/api/v1/things/things/1').set('Authorization', STAFF).type(type).send('{"a":1}')
    const types = ['application/json', 'application/merge-patch+json']
    for (const type of types) await patch(type).expect(200)
    assert.deepEqual(
      things.seen.map(({ request }) => request.headers['content-type']),
      types
    )
    await patch('application/json-patch+json').expect(415).expect('Accept', types.join(', '))
  })

  it('refuses a compressed body with 415', async () => {
    const { body } = await put({ a: 1 })
      .set('Content-Encoding', 'gzip')
      .expect(415)
      .expect('Accept-Encoding', 'identity')
    assert.equal(body.type, 'urn:bulkhead:problem:unsupported-content-encoding')
    await upload().set('Content-Encoding', 'br').send('a,b').expect(415)
    await put({ a: 1 }).set('Content-Encoding', 'identity').expect(200)
    assert.equal(things.seen.length, 1)
  })

  it('refuses a body where the operation accepts none', async () => {
    const { body } = await get('').type('json').send({ a: 1 }).expect(400)
    assert.deepEqual(pointers(body), ['/body'])
    await request(made.app).delete('/api/v1/things/things/1').set('Authorization', STAFF).send({}).expect(400)
    await request(made.app).delete('/api/v1/things/things/1').set('Authorization', STAFF).expect(200)
    assert.equal(things.seen.length, 1)
  })

  const upload = (type = 'text/csv') =>
    request(made.app).post('/api/v1/things/imports').set('Authorization', STAFF).type(type)

  it('passes on a file of the operation’s media type', async () => {
    const file = 'a,b\n'.repeat(25_000)
    await upload().send(file).expect(200)
    assert.equal(things.seen[0]!.body, file)
    assert.equal(things.seen[0]!.request.headers['content-type'], 'text/csv')
    assert.equal(things.seen[0]!.request.headers['content-length'], '100000')
  })

  it('refuses a file of a wrong media type, and a file whose length is over the limit', async () => {
    await upload('text/plain').send('a,b\n').expect(415).expect('Accept', 'text/csv')
    await upload().send('x'.repeat(200_001)).expect(413)
    assert.equal(things.seen.length, 0)
  })

  it('breaks off a file without a length as soon as the file is over the limit', async () => {
    const server = await httpServer(made.app)
    const { port } = server
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const path = '/api/v1/things/imports'
      const headers = { authorization: STAFF, 'content-type': 'text/csv', 'transfer-encoding': 'chunked' }
      const sent = openRequest({ port, path, method: 'POST', headers }, answer => resolve(answer.resume().statusCode))
      sent.on('error', reject)
      sent.write('x'.repeat(150_000))
      sent.write('x'.repeat(150_000)) // The request stays open.
    })
    assert.equal(status, 413)
    assert.equal(things.seen.length, 0)
    await server.stop()
  })
})
