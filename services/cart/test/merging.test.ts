import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import type { Cart } from '../src/carts/schemas.ts'
import { startService } from './helper.ts'

describe("merging a guest's cart", () => {
  const productId = newId('prd')
  let service: Awaited<ReturnType<typeof startService>>
  let me: ReturnType<typeof customer>
  let own: string
  let guest: string
  before(async () => {
    service = await startService()
  })
  beforeEach(async () => {
    me = customer()
    own = (await service.createCart(me.header)).id
    guest = (await service.createCart()).id
  })
  after(() => service.close())

  const add = (id: string, sku: string, quantity: number, header?: string) =>
    service.send('post', `/carts/${id}/lines`, header).send({ productId, sku, quantity }).expect(200)
  const addLines = (id: string, name: string, count: number, header?: string) =>
    Promise.all(Array.from({ length: count }, (_, number) => add(id, `${name}${number}`, 1, header)))
  const merge = (from: unknown, header = me.header, into = own) =>
    service.send('post', `/carts/${into}/merge`, header).send({ from })
  const linesOf = ({ lines }: Cart) => lines.map(({ sku, quantity }) => ({ sku, quantity }))

  it("adds the guest's quantities to the customer's cart, up to the limit, and deletes the guest's cart", async () => {
    await add(own, 'BOTH', 2, me.header)
    await add(own, 'MUCH', 900, me.header)
    await add(guest, 'NEW', 1)
    await add(guest, 'BOTH', 3)
    await add(guest, 'MUCH', 900)
    const { body, headers } = await merge(guest).expect(200)
    assert.equal(headers.etag, '"4"')
    assert.deepEqual(
      { id: body.id, customer: body.customer, version: body.version, lines: linesOf(body) },
      {
        id: own,
        customer: me.id,
        version: 4,
        lines: [
          { sku: 'BOTH', quantity: 5 },
          { sku: 'MUCH', quantity: 999 },
          { sku: 'NEW', quantity: 1 }
        ]
      }
    )
    await service.send('get', `/carts/${guest}`).expect(404)
    assert.deepEqual(await service.redis.keys(`*${guest}*`), [])
  })

  it('changes nothing more when the request is repeated, at once or later', async () => {
    await add(guest, 'MUG', 3)
    const answers = await Promise.all(Array.from({ length: 5 }, () => merge(guest).expect(200)))
    const later = await merge(guest).expect(200)
    for (const { body } of [...answers, later]) {
      assert.deepEqual(
        { version: body.version, lines: linesOf(body) },
        { version: 2, lines: [{ sku: 'MUG', quantity: 3 }] }
      )
    }
  })

  it('loses no piece that is added at the same time', async () => {
    const adding = Promise.all(
      Array.from({ length: 20 }, () => service.send('post', `/carts/${guest}/lines`).send({ productId, sku: 'MUG' }))
    )
    const { body } = await merge(guest).expect(200)
    const added = (await adding).filter(({ status }) => status === 200).length
    assert.deepEqual(linesOf(body), added > 0 ? [{ sku: 'MUG', quantity: added }] : [])
  })

  it('returns 409 above 100 lines, and leaves both carts unchanged', async () => {
    await Promise.all([addLines(own, 'M', 60, me.header), addLines(guest, 'G', 41)])
    const { body } = await merge(guest).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:cart-full')
    assert.equal(body.errors[0].pointer, '/body')
    const { body: kept } = await service.send('get', `/carts/${guest}`).expect(200)
    assert.deepEqual({ version: kept.version, lines: kept.lines.length }, { version: 42, lines: 41 })
    assert.equal((await service.send('get', `/carts/${own}`, me.header)).body.lines.length, 60)
  })

  it('accepts 100 lines when some of them are in both carts', async () => {
    await Promise.all([addLines(own, 'S', 60, me.header), addLines(guest, 'S', 100)])
    assert.equal((await merge(guest).expect(200)).body.lines.length, 100)
  })

  it("changes nothing for a customer's cart, even the caller's own, and does not reveal whether a cart exists", async () => {
    const other = customer()
    const { id: another } = await service.createCart(other.header)
    await add(another, 'MUG', 1, other.header)
    for (const from of [another, own, newId('crt')]) {
      const { body } = await merge(from).expect(200)
      assert.deepEqual({ version: body.version, lines: body.lines }, { version: 1, lines: [] })
    }
    assert.equal((await service.send('get', `/carts/${another}`, other.header).expect(200)).body.lines.length, 1)
  })

  it("returns 401 to guests, and 404 for a cart other than the customer's own", async () => {
    await service.send('post', `/carts/${own}/merge`).send({ from: guest }).expect(401)
    await merge(guest, customer().header).expect(404)
    await merge(own, me.header, guest).expect(404)
    await service.send('get', `/carts/${guest}`).expect(200)
  })

  it('returns 400 for a malformed ID', async () => {
    for (const from of [{ $gt: '' }, newId('prd'), undefined, `${guest}:lines`]) {
      const { body } = await merge(from).expect(400)
      assert.equal(body.errors[0].pointer, '/body/from')
    }
  })
})
