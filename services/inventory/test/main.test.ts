import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId, systemClock } from '@bulkhead/chassis/core'
import { eventLog } from '@bulkhead/chassis/events'
import { fakeService } from '@bulkhead/testing/fake-service'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { catalogNeeds } from '../src/clients/catalog.ts'

describe('the process of inventory', () => {
  let store: MongoDatabase
  let log: RedisDatabase
  let catalog: Awaited<ReturnType<typeof fakeService<typeof catalogNeeds.operations>>>
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-tokens-'))

  before(async () => {
    store = await mongoDatabase()
    log = await redisDatabase()
    catalog = await fakeService(catalogNeeds)
    writeFileSync(join(folder, 'catalog'), 'token-for-catalog')
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await catalog.stop()
    await log.close()
    await store.close()
  })

  const run = () =>
    serviceProcess(join(import.meta.dirname, '../src/main.ts'), {
      MONGODB_URL: store.url,
      EVENT_LOG_URL: log.url,
      CATALOG_URL: catalog.url,
      SERVICE_TOKENS_DIR: folder
    })

  /** Publishes the event about the end of an import, like catalog. */
  async function publishEnd(importId: string) {
    const { append } = eventLog({ redis: log.redis, service: 'catalog', clock: systemClock, registry: new Registry() })
    await append([
      {
        specversion: '1.0',
        id: newId('evt'),
        source: '/catalog',
        type: 'catalog.import.finished',
        subject: importId,
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        data: { version: 1 }
      }
    ])
  }

  it('counts an import when catalog publishes its end, and exits with code 0 at SIGTERM', async () => {
    catalog.answer('getImportedStock', () => ({ body: { items: [{ sku: 'CUP', quantity: 3 }] } }))
    const { ready, stop, ended, lines } = run()
    const url = await ready()
    await publishEnd(newId('imp'))
    const stock = await until(async () => {
      const answer = await fetch(`${url}/stock/CUP`)
      return answer.ok && answer.json()
    })
    assert.deepEqual(stock, { sku: 'CUP', available: 3 })
    assert.equal(catalog.asked[0]!.authorization, 'Bearer token-for-catalog')
    stop()
    assert.deepEqual(await ended, [0, null])
    assert.equal(lines().at(-1)!.msg, 'stopped')
    assert.equal(await store.db.collection('leases').countDocuments({}), 0)
  })
})
