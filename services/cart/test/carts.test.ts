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
  })
  after(() => service.close())

  const addMug = (id: string, header?: string) =>
    service.send('post', `/carts/${id}/lines`, header).send({ productId: newId('prd'), sku: 'MUG' })

  it('are created empty for a guest, with a random ID', async () => {
    const { body, headers } = await service.send('post', '/carts').expect(201)
    assert.deepEqual(schemas.cart.parse(body), body)
    assert.equal(headers.etag, '"1"')
    assert.equal(body.version, 1)
    assert.deepEqual(body.lines, [])
    assert.equal(body.customer, undefined)
    const other = await service.createCart()
    assert.notEqual(body.id.slice(4, 8), other.id.slice(4, 8))
  })

  it("let everyone who knows the ID use a guest's cart, and are not cached", async () => {
    const { id } = await service.createCart()
    await addMug(id, customer().header).expect(200)
    const { body, headers } = await service.send('get', `/carts/${id}`).expect(200)
    assert.equal(body.lines.length, 1)
    assert.equal(body.version, 2)
    assert.equal(headers.etag, '"2"')
    assert.equal(headers['cache-control'], 'no-store')
  })

  it('are limited to one for each customer', async () => {
    const me = customer()
    const { id } = await service.createCart(me.header)
    const { body } = await service.send('post', '/carts', me.header).expect(200)
    assert.deepEqual({ id: body.id, customer: body.customer }, { id, customer: me.id })
    assert.notEqual((await service.createCart(customer().header)).id, id)
  })

  it('return 404 to everyone except their customer, and do not change', async () => {
    const [owner, other] = [customer(), customer()]
    const { id } = await service.createCart(owner.header)
    const line = `/carts/${id}/lines/${newId('prd')}/MUG`
    for (const header of [undefined, other.header]) {
      await service.send('get', `/carts/${id}`, header).expect(404)
      await addMug(id, header).expect(404)
      await service.send('put', line, header).set('If-Match', '"1"').send({ quantity: 1 }).expect(404)
      await service.send('delete', line, header).set('If-Match', '"1"').expect(404)
      await service.send('delete', `/carts/${id}`, header).set('If-Match', '"1"').expect(404)
    }
    await service.send('post', `/carts/${id}/merge`, other.header).send({ from: id }).expect(404)
    assert.equal((await service.send('get', `/carts/${id}`, owner.header).expect(200)).body.version, 1)
  })

  it('are limited to one for a customer who sends many requests at once', async () => {
    const { header } = customer()
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.send('post', '/carts', header)))
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(9).fill(200), 201])
  })

  it('are deleted only with the current ETag, including all their keys', async () => {
    const { header } = customer()
    const { id } = await service.createCart(header)
    await addMug(id, header).expect(200)
    const path = `/carts/${id}`
    await service.send('delete', path, header).expect(428)
    await service.send('delete', path, header).set('If-Match', '"1"').expect(412)
    await service.send('delete', path, header).set('If-Match', '"2"').expect(204)
    await service.send('get', path, header).expect(404)
    assert.deepEqual(await service.redis.keys(`*${id}*`), [])
    assert.notEqual((await service.createCart(header)).id, id)
  })

  it('of a guest expire an hour after their creation, until they have a line', async () => {
    const { id, createdAt, expiresAt } = await service.createCart()
    assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), LIFETIME_MS.empty)
    assert.ok((await service.redis.pttl(`{cart}:${id}`)) <= LIFETIME_MS.empty)
    await addMug(id).expect(200)
    const { body } = await service.send('get', `/carts/${id}`).expect(200)
    assert.equal(Date.parse(body.expiresAt) - Date.parse(body.updatedAt), LIFETIME_MS.guest)
  })

  for (const { kind, who, lifetime } of [
    { kind: 'guest', who: undefined, lifetime: LIFETIME_MS.guest },
    { kind: 'customer', who: customer(), lifetime: LIFETIME_MS.customer }
  ]) {
    it(`of a ${kind} expire with all their keys after their last change`, async () => {
      const { id } = await service.createCart(who?.header)
      await addMug(id, who?.header).expect(200)
      const keys = [`{cart}:${id}`, `{cart}:${id}:lines`]
      if (who) keys.push(`{cart}:of:${who.id}`)
      for (const key of keys) await service.redis.pexpire(key, 60_000)
      await addMug(id, who?.header).expect(200)
      const ends = await Promise.all(keys.map(key => service.redis.pexpiretime(key)))
      // Redis counts the lifetime of each key from a slightly different time.
      assert.ok(Math.max(...ends) - Math.min(...ends) < 100, `${ends}`)
      const { body } = await service.send('get', `/carts/${id}`, who?.header)
      assert.equal(Date.parse(body.expiresAt) - Date.parse(body.updatedAt), lifetime)
      assert.ok(Math.abs(ends[0]! - Date.parse(body.expiresAt)) < 5_000)
    })
  }

  it('publish an event when they are created, merged and deleted, and none for a line', async () => {
    const { header } = customer()
    const own = await service.createCart(header)
    const guest = await service.createCart()
    await addMug(guest.id).expect(200)
    await service.send('post', `/carts/${own.id}/merge`, header).send({ from: guest.id }).expect(200)
    await service.send('delete', `/carts/${own.id}`, header).set('If-Match', '"2"').expect(204)
    const events = (await outboxEvents()).filter(({ subject }) => [own.id, guest.id].includes(subject))
    assert.deepEqual(events, [
      { type: 'cart.cart.created', subject: own.id, version: 1 },
      { type: 'cart.cart.created', subject: guest.id, version: 1 },
      { type: 'cart.cart.merged', subject: own.id, version: 2 },
      { type: 'cart.cart.deleted', subject: guest.id, version: 3 },
      { type: 'cart.cart.deleted', subject: own.id, version: 3 }
    ])
  })

  async function outboxEvents() {
    const entries = await service.redis.xrange('{cart}:outbox', '-', '+')
    return entries.map(([, [, event, , version]]) => {
      const { type, subject } = JSON.parse(event!) as { type: string; subject: string }
      return { type, subject, version: Number(version) }
    })
  }

  it('have every operation in the OpenAPI document', () => {
    const { paths } = openApi({ service: 'cart', version: '1', summary: '', operations: cartOperations })
    assert.equal(Object.values(paths).flatMap(path => Object.keys(path)).length, cartOperations.length)
  })
})
