import assert from 'node:assert/strict'
import { connectMongo, mongoProblem } from '@bulkhead/chassis/mongo'
import { fakeMongod } from '@bulkhead/testing/fake-mongod'
import type { Db } from 'mongodb'
import { adjustmentHistory } from '../src/stock/history.ts'
import { stockStore } from '../src/stock/store.ts'

const notPrimary = { ok: 0, code: 10_107, codeName: 'NotWritablePrimary', errmsg: 'not primary' }
const is503 = (error: unknown) => (mongoProblem(error) as { status?: number }).status === 503

describe('while MongoDB elects a new primary, the stock', () => {
  let mongod: Awaited<ReturnType<typeof fakeMongod>>
  let store: { db: Db; close: () => Promise<void> }
  let isFailingOver: boolean

  beforeEach(async () => {
    isFailingOver = false
    mongod = await fakeMongod(() => (isFailingOver ? notPrimary : { ok: 1 }))
    store = await connectMongo(mongod.url, 'test')
  })
  afterEach(async () => {
    isFailingOver = false
    await store.close()
    mongod.close()
  })

  const last = { number: 1, change: 5, reason: 'received' as const, by: 'test', at: new Date() }

  it('reports a 503 for each adjustment that it cannot add to the history', async () => {
    const history = await adjustmentHistory(store.db)
    isFailingOver = true
    await assert.rejects(history.keep('MUG', last), is503)
    await assert.rejects(history.keepAll([{ sku: 'MUG', adjustment: last }]), is503)
  })

  it('reports a 503 for a count that it cannot write', async () => {
    isFailingOver = true
    const counting = { sku: 'MUG', before: undefined, adjustment: last, available: 5 }
    await assert.rejects(stockStore(store.db).count('imp_1', [counting]), is503)
  })
})
