import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import { startService } from './helper.ts'

describe("merging a guest's cart", () => {
  const productId = newId('prd')
  let service: Awaited<ReturnType<typeof startService>>
  let me: ReturnType<typeof customer>
  let mine: string
  let guest: string
  before(async () => {
    service = await startService()
    service.offers([])
  })
  beforeEach(async () => {
    me = customer()
    mine = await made(me.header)
    guest = await made()
  })
  after(() => service.close())

  const made = async (header?: string): Promise<string> =>
    (await service.send('post', '/carts', header).expect(201)).body.id
  const put = (id: string, sku: string, quantity: number, header?: string) =>
    service.send('post', `/carts/${id}/lines`, header).send({ productId, sku, quantity }).expect(200)
  const fill = (id: string, name: string, count: number, header?: string) =>
    Promise.all(Array.from({ length: count }, (_, number) => put(id, `${name}${number}`, 1, header)))
  const merge = (from: unknown, header = me.header, into = mine) =>
    service.send('post', `/carts/${into}/merge`, header).send({ from })
  const linesOf = ({ lines }: { lines: { sku: string; quantity: number }[] }) =>
    lines.map(({ sku, quantity }) => [sku, quantity])

  it("adds its quantities to the customer's, up to the limit, and deletes it", async () => {
    await put(mine, 'BOTH', 2, me.header)
    await put(mine, 'MUCH', 900, me.header)
    await put(guest, 'NEW', 1)
    await put(guest, 'BOTH', 3)
    await put(guest, 'MUCH', 900)
    const { body, headers } = await merge(guest).expect(200)
    assert.deepEqual([body.id, body.customer, body.version, headers.etag], [mine, me.id, 4, '"4"'])
    assert.deepEqual(linesOf(body), [
      ['BOTH', 5],
      ['MUCH', 999],
      ['NEW', 1]
    ])
    await service.send('get', `/carts/${guest}`).expect(404)
    assert.deepEqual(await service.redis.keys(`*${guest}*`), [])
  })

  it('repeated, at once or later, changes nothing more', async () => {
    await put(guest, 'MUG', 3)
    const answers = await Promise.all(Array.from({ length: 5 }, () => merge(guest).expect(200)))
    const later = await merge(guest).expect(200)
    for (const { body } of [...answers, later]) assert.deepEqual([body.version, linesOf(body)], [2, [['MUG', 3]]])
  })

  it('loses nothing that is added to it meanwhile', async () => {
    const adding = Promise.all(
      Array.from({ length: 20 }, () => service.send('post', `/carts/${guest}/lines`).send({ productId, sku: 'MUG' }))
    )
    const { body } = await merge(guest).expect(200)
    const taken = (await adding).filter(({ status }) => status === 200).length
    assert.deepEqual(linesOf(body), taken > 0 ? [['MUG', taken]] : [])
  })

  it('beyond 100 lines leaves both carts as they are', async () => {
    await Promise.all([fill(mine, 'M', 60, me.header), fill(guest, 'G', 41)])
    const { body } = await merge(guest).expect(409)
    assert.deepEqual([body.type, body.errors[0].pointer], ['urn:bulkhead:problem:cart-full', '/body'])
    const { body: kept } = await service.send('get', `/carts/${guest}`).expect(200)
    assert.deepEqual([kept.version, kept.lines.length], [42, 41])
    assert.equal((await service.send('get', `/carts/${mine}`, me.header)).body.lines.length, 60)
  })

  it('takes 100 lines of which some are in both', async () => {
    await Promise.all([fill(mine, 'S', 60, me.header), fill(guest, 'S', 100)])
    assert.equal((await merge(guest).expect(200)).body.lines.length, 100)
  })

  it("takes no customer's cart, not even the own one, and does not tell whether it is there", async () => {
    const other = customer()
    const theirs = await made(other.header)
    await put(theirs, 'MUG', 1, other.header)
    for (const from of [theirs, mine, newId('crt')]) {
      const { body } = await merge(from).expect(200)
      assert.deepEqual([body.version, body.lines], [1, []])
    }
    assert.equal((await service.send('get', `/carts/${theirs}`, other.header).expect(200)).body.lines.length, 1)
  })

  it("is for the customer's own cart", async () => {
    await service.send('post', `/carts/${mine}/merge`).send({ from: guest }).expect(401)
    await merge(guest, customer().header).expect(404)
    await merge(mine, me.header, guest).expect(404)
    await service.send('get', `/carts/${guest}`).expect(200)
  })

  it('refuses what is no ID of a cart', async () => {
    for (const from of [{ $gt: '' }, newId('prd'), undefined, `${guest}:lines`]) {
      const { body } = await merge(from).expect(400)
      assert.equal(body.errors[0].pointer, '/body/from')
    }
  })
})
