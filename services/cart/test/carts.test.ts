import assert from 'node:assert/strict'
import { openApi } from '@bulkhead/chassis/contract'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import { LIFETIME_MS } from '../src/carts/limits.ts'
import { cartOperations } from '../src/carts/operations.ts'
import * as schemas from '../src/carts/schemas.ts'
import { startService } from './helper.ts'

describe('carts', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService()
    service.offers([])
  })
  after(() => service.close())

  const made = async (header?: string) => (await service.send('post', '/carts', header).expect(201)).body
  const put = (id: string, header?: string, quantity = 1) =>
    service.send('post', `/carts/${id}/lines`, header).send({ productId: newId('prd'), sku: 'MUG', quantity })

  it('of a guest are open to whoever knows the ID, which is random', async () => {
    const { body, headers } = await service.send('post', '/carts').expect(201)
    assert.deepEqual(schemas.cart.parse(body), body)
    assert.deepEqual([body.version, body.lines, body.customer, headers.etag], [1, [], undefined, '"1"'])
    const other = await made()
    assert.notEqual(body.id.slice(4, 8), other.id.slice(4, 8))
    await put(body.id, customer().header).expect(200)
    const { body: seen, headers: of } = await service.send('get', `/carts/${body.id}`).expect(200)
    assert.deepEqual([seen.version, seen.lines.length, of.etag, of['cache-control']], [2, 1, '"2"', 'no-store'])
  })

  it("of a customer are one, and another's are not there", async () => {
    const [mine, other] = [customer(), customer()]
    const { id } = await made(mine.header)
    const { body } = await service.send('post', '/carts', mine.header).expect(200)
    assert.deepEqual([body.id, body.customer], [id, mine.id])
    assert.notEqual((await made(other.header)).id, id)
    for (const header of [undefined, other.header]) {
      await service.send('get', `/carts/${id}`, header).expect(404)
      await put(id, header).expect(404)
      await service
        .send('put', `/carts/${id}/lines/${newId('prd')}/MUG`, header)
        .set('If-Match', '"1"')
        .send({ quantity: 1 })
        .expect(404)
      await service
        .send('delete', `/carts/${id}/lines/${newId('prd')}/MUG`, header)
        .set('If-Match', '"1"')
        .expect(404)
      await service.send('delete', `/carts/${id}`, header).set('If-Match', '"1"').expect(404)
    }
    await service.send('post', `/carts/${id}/merge`, other.header).send({ from: id }).expect(404)
    assert.equal((await service.send('get', `/carts/${id}`, mine.header).expect(200)).body.version, 1)
  })

  it('of one customer who asks many times at once are one', async () => {
    const { header } = customer()
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.send('post', '/carts', header)))
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(9).fill(200), 201])
  })

  it('are deleted by who read the present version, and are gone then', async () => {
    const { header } = customer()
    const { id } = await made(header)
    await put(id, header).expect(200)
    const path = `/carts/${id}`
    await service.send('delete', path, header).expect(428)
    await service.send('delete', path, header).set('If-Match', '"1"').expect(412)
    await service.send('delete', path, header).set('If-Match', '"2"').expect(204)
    await service.send('get', path, header).expect(404)
    assert.deepEqual(await service.redis.keys(`*${id}*`), [])
    assert.notEqual((await made(header)).id, id)
  })

  it('of a guest expire an hour after they were made, until they have a line', async () => {
    const { id, createdAt, expiresAt } = await made()
    assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), LIFETIME_MS.empty)
    assert.ok((await service.redis.pttl(`{cart}:${id}`)) <= LIFETIME_MS.empty)
    await put(id).expect(200)
    const { body } = await service.send('get', `/carts/${id}`).expect(200)
    assert.equal(Date.parse(body.expiresAt) - Date.parse(body.updatedAt), LIFETIME_MS.guest)
  })

  for (const [kind, header, life] of [
    ['guest', undefined, LIFETIME_MS.guest],
    ['customer', customer(), LIFETIME_MS.customer]
  ] as const) {
    it(`of a ${kind} expire after their last change, whole`, async () => {
      const { id } = await made(header?.header)
      await put(id, header?.header).expect(200)
      const keys = [`{cart}:${id}`, `{cart}:${id}:lines`, ...(header ? [`{cart}:of:${header.id}`] : [])]
      for (const key of keys) await service.redis.pexpire(key, 60_000)
      await put(id, header?.header).expect(200)
      const ends = await Promise.all(keys.map(key => service.redis.pexpiretime(key)))
      // Redis counts each key's life from a millisecond of its own.
      assert.ok(Math.max(...ends) - Math.min(...ends) < 100, `${ends}`)
      const { body } = await service.send('get', `/carts/${id}`, header?.header)
      assert.equal(Date.parse(body.expiresAt) - Date.parse(body.updatedAt), life)
      assert.ok(Math.abs(ends[0]! - Date.parse(body.expiresAt)) < 5_000)
    })
  }

  it('write an event when they are made, merged and deleted, and none for a line', async () => {
    const { header } = customer()
    const [mine, guest] = [await made(header), await made()]
    await put(guest.id).expect(200)
    await service.send('post', `/carts/${mine.id}/merge`, header).send({ from: guest.id }).expect(200)
    await service.send('delete', `/carts/${mine.id}`, header).set('If-Match', '"2"').expect(204)
    const entries = await service.redis.xrange('{cart}:outbox', '-', '+')
    const events = entries
      .map(([, [, event, , version]]) => ({ ...JSON.parse(event!), version: Number(version) }))
      .filter(({ subject }) => subject === mine.id || subject === guest.id)
    assert.deepEqual(
      events.map(({ type, subject, version }) => [type, subject, version]),
      [
        ['cart.cart.created', mine.id, 1],
        ['cart.cart.created', guest.id, 1],
        ['cart.cart.merged', mine.id, 2],
        ['cart.cart.deleted', guest.id, 3],
        ['cart.cart.deleted', mine.id, 3]
      ]
    )
  })

  it('have every operation in the OpenAPI document', () => {
    const { paths } = openApi({ service: 'cart', version: '1', summary: '', operations: cartOperations })
    assert.equal(Object.values(paths).flatMap(path => Object.keys(path)).length, cartOperations.length)
  })
})
