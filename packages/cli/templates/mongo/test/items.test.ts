import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import request from 'supertest'
import { item } from '../src/items/schemas.ts'
import { startService } from './helper.ts'

describe('items', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  const { header } = callers.staff()
  const staff = (method: 'get' | 'post' | 'patch' | 'delete', path: string) =>
    request(service.url)[method](path).set('Authorization', header)

  const create = async (title: string) => (await staff('post', '/items').send({ title }).expect(201)).body

  it('are made by staff only', async () => {
    await request(service.url).post('/items').send({ title: 'One' }).expect(401)
    const { body, headers } = await staff('post', '/items').send({ title: 'One' }).expect(201)
    assert.deepEqual(item.parse(body), body)
    assert.deepEqual([headers.etag, headers.location], ['"1"', `items/${body.id}`])
  })

  it('are made once for an Idempotency-Key, which is for one request', async () => {
    const send = (title: string) => staff('post', '/items').set('Idempotency-Key', 'key-of-an-item').send({ title })
    const { body } = await send('Once').expect(201)
    const again = await send('Once').expect(201)
    assert.equal(again.body.id, body.id)
    await send('Another').expect(422)
    assert.deepEqual(await service.eventsOf(body.id), [['template.item.created', 1]])
    await staff('delete', `/items/${body.id}`).set('If-Match', '"1"').expect(204)
    await send('Once').expect(409)
  })

  it('are read by anyone, with an ETag that spares reading them again', async () => {
    const made = await create('Seen')
    const { body, headers } = await request(service.url).get(`/items/${made.id}`).expect(200)
    assert.deepEqual(body, made)
    await request(service.url).get(`/items/${made.id}`).set('If-None-Match', headers.etag!).expect(304)
    await request(service.url)
      .get(`/items/itm_${'0'.repeat(26)}`)
      .expect(404)
  })

  it('are changed only by who read the present version', async () => {
    const { id } = await create('First')
    const change = () => staff('patch', `/items/${id}`).send({ title: 'Second' })
    await change().expect(428)
    const { body } = await change().set('If-Match', '"1"').expect(200)
    assert.deepEqual([body.title, body.note, body.version], ['Second', '', 2])
    assert.equal((await change().set('If-Match', '"2"').expect(200)).body.version, 2, 'nothing was changed')
    await change().set('If-Match', '"1"').expect(412)
  })

  it('are removed by who read the present version, with an event, and once however often that is sent', async () => {
    const { id } = await create('Gone')
    const remove = () => staff('delete', `/items/${id}`)
    await remove().expect(428)
    await remove().set('If-Match', '"2"').expect(412)
    for (let turn = 0; turn < 2; turn++) await remove().set('If-Match', '"1"').expect(204)
    await remove().set('If-Match', '"2"').expect(404)
    for (const test of [request(service.url).get(`/items/${id}`), staff('patch', `/items/${id}`).send({ note: 'x' })])
      await test.set('If-Match', '"1"').expect(404)
    for (const query of [`ids=${id}`, 'limit=100']) {
      const { body } = await request(service.url).get(`/items?${query}`).expect(200)
      assert.ok(body.items.every((item: { id: string }) => item.id !== id))
    }
    assert.deepEqual((await service.eventsOf(id)).at(-1), ['template.item.removed', 2])
  })

  it('write their events together with their state', async () => {
    const { id } = await create('Told')
    await staff('patch', `/items/${id}`).send({ note: 'new' }).set('If-Match', '"1"').expect(200)
    assert.deepEqual(await service.eventsOf(id), [
      ['template.item.created', 1],
      ['template.item.changed', 2]
    ])
  })

  it('are listed page by page, each once', async () => {
    for (const title of ['One', 'Two', 'Three']) await create(title)
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await request(service.url).get(`/items?limit=2${cursor}`).expect(200)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : ''
    } while (cursor)
    assert.ok(seen.length >= 3)
    assert.deepEqual(seen, [...new Set(seen)].sort())
  })

  it('are read in batches by IDs, in their order, without those that are not there', async () => {
    const [one, two] = [await create('One'), await create('Two')]
    const { body } = await request(service.url)
      .get(`/items?ids=${two.id},itm_${'0'.repeat(26)},${one.id}`)
      .expect(200)
    assert.deepEqual(body.items, [two, one])
  })

  for (const [path, pointer] of [
    ['/items/itm_1', '/params/id'],
    ['/items?cursor=abc', '/query/cursor'],
    ['/items?limit=0', '/query/limit'],
    ['/items?ids=itm_1', '/query/ids/0']
  ]) {
    it(`refuse ${path} and name ${pointer}`, async () => {
      const { body } = await request(service.url).get(path!).expect(400)
      assert.equal(body.errors[0].pointer, pointer)
    })
  }
})
