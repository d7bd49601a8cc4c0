import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { newId } from '@bulkhead/chassis/core'
import type { Asked } from '@bulkhead/testing/fake-service'
import * as schemas from '../src/carts/schemas.ts'
import { startService } from './helper.ts'

const eur = (amount: number) => ({ amount, currency: 'EUR' })
const mug = {
  id: newId('prd'),
  title: 'Mug',
  variants: [
    { sku: 'MUG-B', options: { Colour: 'blue' }, prices: [eur(1250), { amount: 1999, currency: 'JPY' }] },
    { sku: 'MUG-R', options: { Colour: 'red' }, prices: [{ amount: 900, currency: 'GBP' }] }
  ]
}
const sock = { id: newId('prd'), title: 'Sock', variants: [{ sku: 'SOCK', options: {}, prices: [eur(333)] }] }
const gone = newId('prd')

describe('prices of a cart', () => {
  let service: Awaited<ReturnType<typeof startService>>
  let id: string
  beforeEach(async () => {
    service = await startService()
    service.offers([mug, sock])
    id = (await service.send('post', '/carts').expect(201)).body.id
    await put(mug.id, 'MUG-B', 3)
    await put(sock.id, 'SOCK', 2)
  })
  afterEach(() => service.close())

  const put = (productId: string, sku: string, quantity: number) =>
    service.send('post', `/carts/${id}/lines`).send({ productId, sku, quantity }).expect(200)
  const read = async (query = '') => (await service.send('get', `/carts/${id}${query}`).expect(200)).body

  it('are those that catalog says now, asked in one call with a token of our own', async () => {
    const body = await read()
    assert.deepEqual(schemas.pricedCart.parse(body), body)
    assert.deepEqual([body.complete, body.missing, body.subtotal], [true, [], eur(4416)])
    assert.deepEqual(body.lines, [
      {
        ...{ productId: mug.id, sku: 'MUG-B', quantity: 3, available: true, title: 'Mug', options: { Colour: 'blue' } },
        ...{ unitPrice: eur(1250), total: eur(3750) }
      },
      {
        ...{ productId: sock.id, sku: 'SOCK', quantity: 2, available: true, title: 'Sock', options: {} },
        ...{ unitPrice: eur(333), total: eur(666) }
      }
    ])
    const [{ body: asked, authorization }, ...more] = service.catalog.asked as [Asked, ...Asked[]]
    const lines = [
      { productId: mug.id, sku: 'MUG-B' },
      { productId: sock.id, sku: 'SOCK' }
    ]
    assert.deepEqual({ asked, authorization }, { asked: { currency: 'EUR', lines }, authorization: 'Bearer token' })
    assert.deepEqual(more, [])
    service.offers([{ ...mug, variants: [{ sku: 'MUG-B', options: { Colour: 'blue' }, prices: [eur(1)] }] }, sock])
    const { body: after } = await service.send('get', `/carts/${id}`).set('If-None-Match', '"3"').expect(200)
    assert.deepEqual([after.version, after.subtotal], [3, eur(669)])
  })

  it('are in the currency asked for', async () => {
    const body = await read('?currency=JPY')
    assert.deepEqual(body.subtotal, { amount: 5997, currency: 'JPY' })
    const answer = await service.send('get', `/carts/${id}?currency=XXX`).expect(400)
    assert.equal(answer.body.errors[0].pointer, '/query/currency')
  })

  it('say of each line that is not offered why, and leave it out of the subtotal', async () => {
    await put(gone, 'GONE', 1)
    await put(sock.id, 'OTHER', 1)
    await put(mug.id, 'MUG-R', 1)
    const body = await read()
    assert.deepEqual(
      body.lines.map(({ sku, available, reason, title }: never) => [sku, available, reason, title]),
      [
        ['MUG-B', true, undefined, 'Mug'],
        ['SOCK', true, undefined, 'Sock'],
        ['GONE', false, 'product-not-offered', undefined],
        ['OTHER', false, 'variant-not-offered', 'Sock'],
        ['MUG-R', false, 'price-not-offered', 'Mug']
      ]
    )
    assert.deepEqual([body.complete, body.subtotal], [true, eur(4416)])
  })

  it('of a full cart are asked in one call', async () => {
    for (let line = 2; line < 100; line++) await put(newId('prd'), 'MUG', 1)
    assert.equal((await read()).lines.length, 100)
    assert.equal(service.catalog.asked.length, 1)
  })

  it('of a full cart come from the largest answer that catalog gives', async () => {
    const name = '\u0001'.repeat(255)
    const options = Object.fromEntries(['a', 'b', 'c'].map(option => [option + name.slice(1), name]))
    const variant = { sku: 'MUG', options, prices: [eur(1)] }
    const full = Array.from({ length: 98 }, () => ({ id: newId('prd'), title: name, variants: [variant] }))
    for (const { id } of full) await put(id, 'MUG', 1)
    service.offers([mug, sock, ...full])
    assert.deepEqual((await read()).subtotal, eur(4416 + 98))
  })

  it('of an empty cart need no catalog', async () => {
    await service.catalog.stop()
    const { body: empty } = await service.send('post', '/carts')
    const { body } = await service.send('get', `/carts/${empty.id}`).expect(200)
    assert.deepEqual([body.complete, body.subtotal], [true, eur(0)])
  })

  const withPrice = (amount: unknown) => ({
    productId: sock.id,
    sku: 'SOCK',
    title: 'Sock',
    variant: { options: {}, price: { amount, currency: 'EUR' } }
  })
  const says = (respond: RequestListener) => () => service.catalog.respond('listOffers', respond)
  const fails =
    (status: number, headers = {}) =>
    () =>
      service.catalog.fail('listOffers', status, headers)
  const answers = (body: unknown) => () => service.catalog.answer('listOffers', () => ({ body }))

  for (const [what, spoil] of [
    ['dead', () => service.catalog.stop()],
    ['hung', () => service.catalog.hang('listOffers')],
    ['slow to the end', says((_, response) => response.writeHead(200).write('{"items":'))],
    ['breaking off', says((_, response) => response.destroy())],
    ['answering 500', fails(500)],
    ['answering 404', fails(404)],
    ['answering 403', fails(403)],
    ['asking for a long pause', fails(503, { 'retry-after': '60' })],
    ['answering with another shape', answers({ items: [{ productId: mug.id, sku: 'MUG-B', title: 5 }] })],
    ['answering with no list', answers([])],
    ['answering with wrong prices', answers({ items: [withPrice('1')] })],
    ['answering with prices too large to add up', answers({ items: [withPrice(Number.MAX_SAFE_INTEGER)] })],
    ['answering with what is no JSON', says((_, response) => response.end('<html>'))],
    ['answering too much', answers({ items: [{ ...withPrice(1), title: 'x'.repeat(3_000_000) }] })]
  ] as const) {
    it(`are missing, and said to be, while catalog is ${what}; and are back when it is`, async () => {
      await spoil()
      const body = await read()
      assert.deepEqual(schemas.pricedCart.parse(body), body)
      assert.deepEqual([body.complete, body.missing, body.subtotal], [false, ['catalog'], undefined])
      assert.deepEqual(body.lines, [
        { productId: mug.id, sku: 'MUG-B', quantity: 3 },
        { productId: sock.id, sku: 'SOCK', quantity: 2 }
      ])
      await put(mug.id, 'MUG-B', 1)
      if (what === 'dead') return
      service.offers([mug, sock])
      assert.deepEqual((await read()).subtotal, eur(5666))
    })
  }
})
