import assert from 'node:assert/strict'
import { fakeMongod } from '@bulkhead/testing/fake-mongod'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { noFault } from '../src/core/fault-points.ts'
import { connectMongo, type MongoConnection } from '../src/mongo/mongo.ts'

/** Returns the value of a sample in a scrape. */
async function sample(registry: Registry, name: string) {
  const line = (await registry.metrics()).split('\n').find(each => each.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length))
}

const connections = async (registry: Registry) => ({
  inUse: await sample(registry, 'bulkhead_store_pool_connections{state="in_use"}'),
  idle: await sample(registry, 'bulkhead_store_pool_connections{state="idle"}'),
  waiting: await sample(registry, 'bulkhead_store_pool_waiting')
})

describe('the metrics of a MongoDB store', () => {
  let database: MongoDatabase
  let proxy: Awaited<ReturnType<typeof tcpProxy>>
  let store: MongoConnection
  let registry: Registry
  beforeEach(async () => {
    database = await mongoDatabase()
    proxy = await tcpProxy(database.url)
    registry = new Registry()
    store = await connectMongo(proxy.url, 'test', noFault, registry)
  })
  afterEach(async () => {
    await store.close()
    proxy.close()
    await database.close()
  })

  it('say whether it answers, also while it hangs', async () => {
    const up = 'bulkhead_store_up{store="mongodb"}'
    assert.equal(await sample(registry, up), 1)
    proxy.block()
    assert.equal(await sample(registry, up), 0)
    proxy.cut()
    assert.equal(await sample(registry, up), 0)
    proxy.mend()
    await until(async () => (await sample(registry, up)) === 1)
  })

  it('count its commands by their outcome', async () => {
    const count = (command: string, outcome: string) =>
      sample(
        registry,
        `bulkhead_store_command_duration_seconds_count{store="mongodb",command="${command}",outcome="${outcome}"}`
      )
    await store.db.collection('lamps').findOne({})
    assert.deepEqual({ ok: await count('find', 'ok'), error: await count('find', 'error') }, { ok: 1, error: 0 })
    await assert.rejects(store.db.command({ noSuchCommand: 1 }))
    assert.equal(await count('noSuchCommand', 'error'), 1)
  })

  it('count a command once if the driver itself reports commands, as with fault points', async () => {
    const own = new Registry()
    const { db, close } = await connectMongo(proxy.url, 'test', () => undefined, own)
    await db.collection('lamps').findOne({})
    const count = 'bulkhead_store_command_duration_seconds_count{store="mongodb",command="find",outcome="ok"}'
    assert.equal(await sample(own, count), 1)
    await close()
  })

  it('count the connections in use, the idle ones and the operations that wait', async () => {
    await store.db.collection('lamps').findOne({})
    const before = await connections(registry)
    assert.deepEqual({ inUse: before.inUse, waiting: before.waiting }, { inUse: 0, waiting: 0 })
    assert.ok(before.idle! >= 1)
    assert.equal(await sample(registry, 'bulkhead_store_pool_max_connections'), 20)
    proxy.block()
    const operations = Array.from({ length: 25 }, () =>
      store.db
        .collection('lamps')
        .findOne({})
        .catch(() => undefined)
    )
    await until(async () => {
      const { inUse, idle, waiting } = await connections(registry)
      return inUse! + waiting! >= 25 && idle === 0
    })
    proxy.mend()
    proxy.cut()
    proxy.mend()
    await Promise.all(operations)
    await until(async () => (await connections(registry)).inUse === 0)
    assert.equal((await connections(registry)).waiting, 0)
  })
})

describe('the volume of a MongoDB store', () => {
  it('is in the metrics if the server reports it', async () => {
    const server = await fakeMongod(() => ({ ok: 1, fsTotalSize: 1_000, fsUsedSize: 250 }))
    const registry = new Registry()
    const { close } = await connectMongo(server.url, 'test', noFault, registry)
    assert.equal(await sample(registry, 'bulkhead_store_volume_bytes'), 1_000)
    assert.equal(await sample(registry, 'bulkhead_store_volume_used_bytes'), 250)
    await close()
    server.close()
  })
})
