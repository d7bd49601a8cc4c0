import assert from 'node:assert/strict'
import { contractOfService } from '@bulkhead/testing/contracts'
import { httpServer } from '@bulkhead/testing/http-server'
import request from 'supertest'
import { startGateway } from './helper.ts'

const CONTRACT = JSON.stringify(contractOfService('orders'))

describe("the secret of a guest's order", () => {
  it('passes through the gateway to orders', async () => {
    const seen: { url: string | undefined; secret: unknown }[] = []
    const orders = await httpServer((request, response) => {
      if (request.url === '/.well-known/contract') return void response.end(CONTRACT)
      seen.push({ url: request.url, secret: request.headers['order-secret'] })
      request.resume().on('end', () => response.setHeader('Content-Type', 'application/json').end('{}'))
    })
    const made = await startGateway({ orders: orders.url })
    const path = '/orders/ord_06dk3v5q8xte9s2w7m4c1znhb0'
    const secret = 'mA2_nV5n0tXyW8eVw3q-Yg'
    await request(made.app).get(`/api/v1/orders${path}`).set('Order-Secret', secret).expect(200)
    await request(made.app).delete(`/api/v1/orders${path}/personal-data`).set('Order-Secret', secret).expect(200)
    assert.deepEqual(seen, [
      { url: path, secret },
      { url: `${path}/personal-data`, secret }
    ])
    await made.close()
    await orders.stop()
  })
})
