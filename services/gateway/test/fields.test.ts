import assert from 'node:assert/strict'
import { operations as routesOf } from '@bulkhead/chassis/http'
import { defineService, noStore } from '@bulkhead/chassis/service'
import { service, staff } from '@bulkhead/testing/callers'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { startGateway } from './helper.ts'
import { getThing, putThing } from './operations.ts'

const { header: STAFF } = staff()
const ORDERS = service('orders', 'things')

/** A service that answers with the input that it got. */
const things = defineService({
  manifest: { name: 'things', version: '1.0.0', description: 'Keeps things' },
  store: noStore(),
  operations: [getThing, putThing],
  start: () => ({
    routes: [
      routesOf()
        .handle(getThing, async ({ query }) => ({ status: 200, body: { here: true, read: query } }))
        .handle(putThing, async ({ body }) => ({ status: 200, body: { here: true, read: body } })).router
    ]
  })
})

type Place = { pointer: string; detail: string }

describe('the check of the fields of a request', () => {
  let behind: Awaited<ReturnType<typeof startForTest>>
  let made: Awaited<ReturnType<typeof startGateway>>

  before(async () => {
    behind = await startForTest(things)
    made = await startGateway({ things: behind.url })
  })
  after(async () => {
    await made.close()
    await behind.close()
  })

  const get = (search: string) => request(made.app).get(`/api/v1/things/things/1${search}`)
  const put = (body: object) => request(made.app).put('/api/v1/things/things/1').set('Authorization', STAFF).send(body)

  for (const { search, pointer, detail } of [
    { search: '?unknown=1', pointer: '/query/unknown', detail: 'It is not known' },
    { search: '?unknown=1&unknown=2', pointer: '/query/unknown', detail: 'It is not known' },
    { search: '?a~b%2Fc=1', pointer: '/query/a~0b~1c', detail: 'It is not known' },
    { search: '??limit=5', pointer: '/query/?limit', detail: 'It is not known' },
    { search: '?__proto__=1', pointer: '/query/__proto__', detail: 'It is not known' },
    { search: '?limit=1&limit=2', pointer: '/query/limit', detail: 'It is given twice' },
    { search: '?limit=many', pointer: '/query/limit', detail: 'Must be a whole number' },
    { search: '?limit=0.5', pointer: '/query/limit', detail: 'Must be a whole number' },
    { search: '?limit=101', pointer: '/query/limit', detail: 'Must be at most 100' },
    { search: '?sort=best', pointer: '/query/sort', detail: 'Must be one of new, old' },
    { search: '?near=7', pointer: '/query/near', detail: 'Must be thg_ and 26 characters of base32' }
  ]) {
    it(`refuses ${search} with "${detail}" at ${pointer}`, async () => {
      const { body } = await get(search).expect(400)
      assert.deepEqual(body.errors, [{ pointer, detail }])
    })
  }

  it('converts the query to the types that the operation defines', async () => {
    const { body } = await get('?limit=5&ids=1,2').expect(200)
    assert.deepEqual(body.read, { limit: 5, ids: '1,2' })
    await get('?').expect(200)
  })

  for (const { body, pointer, detail } of [
    { body: { a: 1, b: 2 }, pointer: '/body/b', detail: 'It is not known' },
    { body: { a: 'x' }, pointer: '/body/a', detail: 'Must be a whole number' },
    { body: {}, pointer: '/body/a', detail: 'It is missing' },
    { body: [], pointer: '/body', detail: 'Must be an object' },
    { body: { a: 1, size: { wide: 1, deep: 2 } }, pointer: '/body/size/deep', detail: 'It is not known' },
    {
      body: { a: 1, shape: { kind: 'round', radius: 1, side: 2 } },
      pointer: '/body/shape/side',
      detail: 'It is not known'
    },
    { body: { a: 1, attributes: { colour: 5 } }, pointer: '/body/attributes/colour', detail: 'Must be a string' }
  ]) {
    it(`refuses ${JSON.stringify(body)} with "${detail}" at ${pointer}`, async () => {
      const { body: problem } = await put(body)
        .expect(400)
        .expect('Content-Type', /problem\+json/)
      assert.deepEqual(problem.errors, [{ pointer, detail }])
      assert.equal(problem.instance, '/api/v1/things/things/1')
    })
  }

  it('names every wrong place, unknown or not', async () => {
    const { body } = await put({ a: 'x', size: { deep: 1 }, b: 1 }).expect(400)
    const places: Place[] = body.errors
    assert.deepEqual(places.map(({ pointer }) => pointer).sort(), [
      '/body/a',
      '/body/b',
      '/body/size/deep',
      '/body/size/wide'
    ])
  })

  it('accepts null, either shape, free names and any value where the schemas allow it', async () => {
    const body = { a: 1, size: null, shape: { kind: 'square', side: 2 }, attributes: { x: 'y' }, any: { deep: [{}] } }
    const answer = await put(body).expect(200)
    assert.deepEqual(answer.body.read, body)
  })

  it('drops unknown fields of a service, which may be newer than its target', async () => {
    const { body } = await request(behind.url)
      .put('/things/1?new=1&new=2')
      .set('Authorization', ORDERS)
      .send({ a: 1, size: { wide: 1, deep: 2 }, b: 2 })
      .expect(200)
    assert.deepEqual(body.read, { a: 1, size: { wide: 1 } })
  })

  it('is done by the service itself, too', async () => {
    const put = request(behind.url).put('/things/1').set('Authorization', STAFF)
    const { body } = await put.send({ a: 1, b: 2 }).expect(400)
    assert.deepEqual(body.errors, [{ pointer: '/body/b', detail: 'It is not known' }])
  })
})
