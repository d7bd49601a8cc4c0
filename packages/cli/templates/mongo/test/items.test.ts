import assert from 'node:assert/strict'
import { allItems } from '@bulkhead/testing/all-items'
import * as callers from '@bulkhead/testing/callers'
import request from 'supertest'
import { item } from '../src/items/schemas.ts'
import { startService } from './helper.ts'

const MISSING = `itm_${'0'.repeat(26)}`

describe('items', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  const { header } = callers.staff()
  const guest = (path: string) => request(service.url).get(path)
  const staff = (method: 'get' | 'post' | 'patch' | 'delete', path: string) =>
    request(service.url)[method](path).set('Authorization', header)

  async function create(title: string) {
    const { body } = await staff('post', '/items').send({ title }).expect(201)
    return body
  }

  it('are created by staff only', async () => {
    await request(service.url).post('/items').send({ title: 'One' }).expect(401)
    const { body, headers } = await staff('post', '/items').send({ title: 'One' }).expect(201)
    assert.deepEqual(item.parse(body), body)
    assert.equal(headers.etag, '"1"')
    assert.equal(headers.location, `items/${body.id}`)
  })

  it('are created once for an Idempotency-Key, which is refused for another item', async () => {
    const send = (title: string) => staff('post', '/items').set('Idempotency-Key', 'key-of-an-item').send({ title })
    const { body } = await send('Once').expect(201)
    const { body: again } = await send('Once').expect(201)
    assert.equal(again.id, body.id)
    await send('Another').expect(422)
    assert.deepEqual(await service.eventsOf(body.id), [['template.item.created', 1]])
    await staff('delete', `/items/${body.id}`).set('If-Match', '"1"').expect(204)
    await send('Once').expect(409)
  })

  it('are read by anyone, and not again while their ETag is the same', async () => {
    const created = await create('Seen')
    const { body, headers } = await guest(`/items/${created.id}`).expect(200)
    assert.deepEqual(body, created)
    await guest(`/items/${created.id}`).set('If-None-Match', headers.etag!).expect(304)
    await guest(`/items/${MISSING}`).expect(404)
  })

  it('are changed only with the present version', async () => {
    const { id } = await create('First')
    const change = () => staff('patch', `/items/${id}`).send({ title: 'Second' })
    await change().expect(428)
    const { body } = await change().set('If-Match', '"1"').expect(200)
    assert.equal(body.title, 'Second')
    assert.equal(body.note, '')
    assert.equal(body.version, 2)
    const { body: same } = await change().set('If-Match', '"2"').expect(200)
    assert.equal(same.version, 2, 'an equal item got a new version')
    await change().set('If-Match', '"1"').expect(412)
  })

  it('are removed once, only with the present version', async () => {
    const { id } = await create('Gone')
    const remove = () => staff('delete', `/items/${id}`)
    await remove().expect(428)
    await remove().set('If-Match', '"2"').expect(412)
    for (let turn = 0; turn < 2; turn++) await remove().set('If-Match', '"1"').expect(204)
    await remove().set('If-Match', '"2"').expect(404)
    assert.deepEqual((await service.eventsOf(id)).at(-1), ['template.item.removed', 2])
    await guest(`/items/${id}`).expect(404)
    await staff('patch', `/items/${id}`).send({ note: 'x' }).set('If-Match', '"1"').expect(404)
    for (const query of [`ids=${id}`, 'limit=100']) {
      const { body } = await guest(`/items?${query}`).expect(200)
      assert.ok(body.items.every((item: { id: string }) => item.id !== id))
    }
  })

  it('are written together with their events', async () => {
    const { id } = await create('Told')
    await staff('patch', `/items/${id}`).send({ note: 'new' }).set('If-Match', '"1"').expect(200)
    assert.deepEqual(await service.eventsOf(id), [
      ['template.item.created', 1],
      ['template.item.changed', 2]
    ])
  })

  it('are listed page by page, each once', async () => {
    for (const title of ['One', 'Two', 'Three']) await create(title)
    const items = await allItems<{ id: string }>(cursor => guest(`/items?limit=2${cursor}`).expect(200))
    const ids = items.map(({ id }) => id)
    assert.ok(ids.length >= 3)
    assert.deepEqual(ids, [...new Set(ids)].sort())
  })

  it('are read by several IDs in their order, without missing items', async () => {
    const one = await create('One')
    const two = await create('Two')
    const { body } = await guest(`/items?ids=${two.id},${MISSING},${one.id}`).expect(200)
    assert.deepEqual(body.items, [two, one])
  })

  for (const { path, pointer } of [
    { path: '/items/itm_1', pointer: '/params/id' },
    { path: '/items?cursor=abc', pointer: '/query/cursor' },
    { path: '/items?limit=0', pointer: '/query/limit' },
    { path: '/items?ids=itm_1', pointer: '/query/ids/0' }
  ]) {
    it(`refuse ${path} with a 400 that points to ${pointer}`, async () => {
      const { body } = await guest(path).expect(400)
      assert.equal(body.errors[0].pointer, pointer)
    })
  }
})
