import assert from 'node:assert/strict'
import { client } from '@bulkhead/chassis/client'
import { defineNeed, needs } from '@bulkhead/chassis/contract'
import { Registry } from 'prom-client'
import * as z from 'zod'
import { fakeService } from '../src/fake-service.ts'

const stock = needs('inventory', {
  reserve: defineNeed({
    operation: 'reserve',
    method: 'put',
    path: '/reservations/{id}',
    params: z.object({ id: z.string() }),
    body: z.object({ sku: z.string() }),
    reads: z.object({ held: z.int() })
  })
})

describe('a fake service', () => {
  let fake: Awaited<ReturnType<typeof fakeService<typeof stock.operations>>>
  let close: () => Promise<void>
  let reserve: () => Promise<{ held: number }>
  beforeEach(async () => {
    fake = await fakeService(stock)
    const limits = { timeout: 3_000, retries: 0 }
    const inventory = client(stock, { url: fake.url, token: async () => 'ours', registry: new Registry(), limits })
    close = inventory.close
    const context = { requestId: 'r-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
    reserve = () =>
      inventory.reserve({ params: { id: 'a b' }, body: { sku: 'MUG' } }, { ...context, deadline: Date.now() + 60_000 })
  })
  afterEach(() => Promise.all([close(), fake.stop()]))

  it('gives the answer that a test has set, and keeps the request', async () => {
    fake.answer('reserve', ({ params }) => ({ body: { held: params.id!.length } }))
    assert.deepEqual(await reserve(), { held: 3 })
    const request = {
      operation: 'reserve',
      params: { id: 'a b' },
      query: {},
      body: { sku: 'MUG' },
      authorization: 'Bearer ours'
    }
    assert.deepEqual(fake.asked, [request])
  })

  it('answers 404 to an operation without an answer, and to an unknown operation', async () => {
    await assert.rejects(reserve, { name: 'Problem', status: 404 })
    assert.equal((await fetch(`${fake.url}/reservations/a`)).status, 404)
    assert.equal(fake.asked.length, 1)
  })

  it('fails, hangs, and refuses connections until it starts again', async () => {
    const isAway = { name: 'Problem', status: 503 }
    fake.fail('reserve', 409)
    await assert.rejects(reserve, { status: 409 })
    fake.hang('reserve')
    await assert.rejects(reserve, isAway)
    fake.answer('reserve', () => ({ body: { held: 1 } }))
    await fake.stop()
    await assert.rejects(reserve, isAway)
    await fake.startAgain()
    assert.deepEqual(await reserve(), { held: 1 })
  })
})
