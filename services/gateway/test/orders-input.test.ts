import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { contractOfService } from '@bulkhead/testing/contracts'
import { httpServer } from '@bulkhead/testing/http-server'
import request from 'supertest'
import { startGateway } from './helper.ts'

const CONTRACT = JSON.stringify(contractOfService('orders'))

const line = { productId: 'prd_06dk3v5q8xte9s2w7m4c1znhb0', sku: 'MUG-BLUE', quantity: 2 }
const deliveryAddress = { name: 'Ada Example', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' }
const order = {
  lines: [line],
  currency: 'EUR',
  email: 'ada@example.com',
  deliveryAddress,
  shippingMethod: 'standard',
  paymentMethod: 'pm_06dk3v5q8xte9s2w7m4c1znhb0'
}
const cent = { amount: 1, currency: 'EUR' }

describe('an order at the gateway', () => {
  let orders: Awaited<ReturnType<typeof httpServer>>
  let made: Awaited<ReturnType<typeof startGateway>>
  let seen: string[]
  let secrets: unknown[]

  beforeEach(async () => {
    seen = []
    secrets = []
    orders = await httpServer((request, response) => {
      if (request.url === '/.well-known/contract') return void response.end(CONTRACT)
      seen.push(request.url!)
      secrets.push(request.headers['order-secret'])
      request.resume().on('end', () => response.setHeader('Content-Type', 'application/json').end('{}'))
    })
    made = await startGateway({ orders: orders.url })
  })
  afterEach(async () => {
    await made.close()
    await orders.stop()
  })

  const place = (body: object) =>
    request(made.app).post('/api/v1/orders/orders').set('Idempotency-Key', randomUUID()).send(body)

  it('reaches orders with the secret of its guest', async () => {
    const path = '/orders/ord_06dk3v5q8xte9s2w7m4c1znhb0'
    const secret = 'mA2_nV5n0tXyW8eVw3q-Yg'
    await request(made.app).get(`/api/v1/orders${path}`).set('Order-Secret', secret).expect(200)
    await request(made.app).delete(`/api/v1/orders${path}/personal-data`).set('Order-Secret', secret).expect(200)
    assert.deepEqual(seen, [path, `${path}/personal-data`])
    assert.deepEqual(secrets, [secret, secret])
  })

  it('reaches orders if it has only known fields', async () => {
    await place({ ...order, expectedTotal: cent }).expect(200)
    assert.deepEqual(seen, ['/orders'])
  })

  for (const [pointer, body] of [
    ['/body/coupon', { ...order, coupon: 'FREE' }],
    ['/body/price', { ...order, price: cent }],
    ['/body/total', { ...order, total: cent }],
    ['/body/customer', { ...order, customer: 'cus_06dk3v5q8xte9s2w7m4c1znhb0' }],
    ['/body/lines/0/coupon', { ...order, lines: [{ ...line, coupon: 'FREE' }] }],
    ['/body/lines/0/price', { ...order, lines: [{ ...line, price: cent }] }],
    ['/body/lines/0/unitPrice', { ...order, lines: [{ ...line, unitPrice: cent }] }],
    ['/body/lines/0/total', { ...order, lines: [{ ...line, total: cent }] }],
    ['/body/expectedTotal/discount', { ...order, expectedTotal: { ...cent, discount: 1 } }],
    ['/body/deliveryAddress/tax', { ...order, deliveryAddress: { ...deliveryAddress, tax: 0 } }]
  ] as const) {
    it(`is refused with ${pointer} and does not reach orders`, async () => {
      const { body: problem } = await place(body).expect(400)
      assert.deepEqual(
        problem.errors.map((error: { pointer: string }) => error.pointer),
        [pointer]
      )
      assert.deepEqual(seen, [])
    })
  }
})
