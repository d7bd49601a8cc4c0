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
const mugLine = { productId: mug.id, sku: 'MUG-B', quantity: 3 }
const sockLine = { productId: sock.id, sku: 'SOCK', quantity: 2 }
const pricedMugLine = {
  ...mugLine,
  available: true,
  title: 'Mug',
  options: { Colour: 'blue' },
  unitPrice: eur(1250),
  total: eur(3750)
}
const pricedSockLine = {
  ...sockLine,
  available: true,
  title: 'Sock',
  options: {},
  unitPrice: eur(333),
  total: eur(666)
}

describe('prices of a cart', () => {
  let service: Awaited<ReturnType<typeof startService>>
  let id: string
  beforeEach(async () => {
    service = await startService()
    service.offers([mug, sock])
    id = (await service.createCart()).id
    await add(mug.id, 'MUG-B', 3)
    await add(sock.id, 'SOCK', 2)
  })
  afterEach(() => service.close())

  const add = (productId: string, sku: string, quantity: number) =>
    service.send('post', `/carts/${id}/lines`).send({ productId, sku, quantity }).expect(200)
  const read = async (query = '') => (await service.send('get', `/carts/${id}${query}`).expect(200)).body

  it("are the current prices of catalog, requested in one call with cart's own token", async () => {
    const body = await read()
    assert.deepEqual(schemas.pricedCart.parse(body), body)
    assert.equal(body.complete, true)
    assert.deepEqual(body.missing, [])
    assert.deepEqual(body.subtotal, eur(4416))
    assert.deepEqual(body.lines, [pricedMugLine, pricedSockLine])
    const [{ body: asked, authorization }, ...more] = service.catalog.asked as [Asked, ...Asked[]]
    const lines = [
      { productId: mug.id, sku: 'MUG-B' },
      { productId: sock.id, sku: 'SOCK' }
    ]
    assert.deepEqual({ asked, authorization }, { asked: { currency: 'EUR', lines }, authorization: 'Bearer token' })
    assert.deepEqual(more, [])
    service.offers([{ ...mug, variants: [{ sku: 'MUG-B', options: { Colour: 'blue' }, prices: [eur(1)] }] }, sock])
    const { body: after } = await service.send('get', `/carts/${id}`).set('If-None-Match', '"3"').expect(200)
    assert.deepEqual({ version: after.version, subtotal: after.subtotal }, { version: 3, subtotal: eur(669) })
  })

  it('are in the requested currency', async () => {
    const body = await read('?currency=JPY')
    assert.deepEqual(body.subtotal, { amount: 5997, currency: 'JPY' })
    const answer = await service.send('get', `/carts/${id}?currency=XXX`).expect(400)
    assert.equal(answer.body.errors[0].pointer, '/query/currency')
  })

  it('are replaced by a reason for each line that catalog does not offer, and the subtotal sums up the others', async () => {
    await add(newId('prd'), 'GONE', 1)
    await add(sock.id, 'OTHER', 1)
    await add(mug.id, 'MUG-R', 1)
    const body: schemas.PricedCart = await read()
    assert.deepEqual(
      body.lines.map(({ sku, available, reason, title }) => ({ sku, available, reason, title })),
      [
        { sku: 'MUG-B', available: true, reason: undefined, title: 'Mug' },
        { sku: 'SOCK', available: true, reason: undefined, title: 'Sock' },
        { sku: 'GONE', available: false, reason: 'product-not-offered', title: undefined },
        { sku: 'OTHER', available: false, reason: 'variant-not-offered', title: 'Sock' },
        { sku: 'MUG-R', available: false, reason: 'price-not-offered', title: 'Mug' }
      ]
    )
    assert.deepEqual({ complete: body.complete, subtotal: body.subtotal }, { complete: true, subtotal: eur(4416) })
  })

  it('of a full cart are requested in one call', async () => {
    for (let line = 2; line < 100; line++) await add(newId('prd'), 'MUG', 1)
    assert.equal((await read()).lines.length, 100)
    assert.equal(service.catalog.asked.length, 1)
  })

  it('of a full cart fit into the largest answer of catalog', async () => {
    const name = '\u0001'.repeat(255)
    const options = Object.fromEntries(['a', 'b', 'c'].map(option => [option + name.slice(1), name]))
    const variant = { sku: 'MUG', options, prices: [eur(1)] }
    const full = Array.from({ length: 98 }, () => ({ id: newId('prd'), title: name, variants: [variant] }))
    for (const { id } of full) await add(id, 'MUG', 1)
    service.offers([mug, sock, ...full])
    assert.deepEqual((await read()).subtotal, eur(4416 + 98))
  })

  it('of an empty cart need no call to catalog', async () => {
    await service.catalog.stop()
    const empty = await service.createCart()
    const { body } = await service.send('get', `/carts/${empty.id}`).expect(200)
    assert.deepEqual({ complete: body.complete, subtotal: body.subtotal }, { complete: true, subtotal: eur(0) })
  })

  const offer = (price: unknown) => ({
    productId: sock.id,
    sku: 'SOCK',
    title: 'Sock',
    variant: { options: {}, price }
  })
  const respond = (listener: RequestListener) => () => service.catalog.respond('listOffers', listener)
  const answer = (body: unknown) => () => service.catalog.answer('listOffers', () => ({ body }))
  const fail = (status: number, headers?: Record<string, string>) => () =>
    service.catalog.fail('listOffers', status, headers)

  for (const { what, spoil, isBack = true } of [
    { what: 'is down', spoil: () => service.catalog.stop(), isBack: false },
    { what: 'never answers', spoil: () => service.catalog.hang('listOffers') },
    { what: 'never ends its answer', spoil: respond((_, response) => response.writeHead(200).write('{"items":')) },
    { what: 'breaks the connection', spoil: respond((_, response) => response.destroy()) },
    { what: 'answers 500', spoil: fail(500) },
    { what: 'answers 404', spoil: fail(404) },
    { what: 'answers 403', spoil: fail(403) },
    { what: 'answers 503 with a long Retry-After', spoil: fail(503, { 'retry-after': '60' }) },
    {
      what: 'answers in a different shape',
      spoil: answer({ items: [{ productId: mug.id, sku: 'MUG-B', title: 5 }] })
    },
    { what: 'answers without a list', spoil: answer([]) },
    { what: 'answers with malformed prices', spoil: answer({ items: [offer({ amount: '1', currency: 'EUR' })] }) },
    {
      what: 'answers with prices too large to add up',
      spoil: answer({ items: [offer(eur(Number.MAX_SAFE_INTEGER))] })
    },
    { what: 'answers with malformed JSON', spoil: respond((_, response) => response.end('<html>')) },
    {
      what: 'answers with more than 2 MiB',
      spoil: answer({ items: [{ ...offer(eur(1)), title: 'x'.repeat(3_000_000) }] })
    }
  ]) {
    it(`are missing while catalog ${what}${isBack ? ', and are back when it recovers' : ''}`, async () => {
      await spoil()
      const body = await read()
      assert.deepEqual(schemas.pricedCart.parse(body), body)
      assert.equal(body.complete, false)
      assert.deepEqual(body.missing, ['catalog'])
      assert.equal(body.subtotal, undefined)
      assert.deepEqual(body.lines, [mugLine, sockLine])
      await add(mug.id, 'MUG-B', 1)
      if (!isBack) return
      service.offers([mug, sock])
      assert.deepEqual((await read()).subtotal, eur(5666))
    })
  }
})
