import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { backUp } from '../../src/backup/back-up.ts'
import { openRepository, type Repository } from '../../src/backup/repository/repository.ts'
import { restore } from '../../src/backup/restore.ts'
import { restoreService } from '../../src/backup/service-backup.ts'
import { openStore } from '../../src/backup/stores/open-store.ts'
import { redisSnapshot } from '../../src/backup/stores/redis-snapshot.ts'
import { needRestic, temporaryRepository } from './temporary-repository.ts'

const HOUR = 3_600_000

describe('the backup of a Redis store', () => {
  before(needRestic)

  let place: ReturnType<typeof temporaryRepository>
  let repository: Repository
  let source: RedisDatabase

  beforeEach(async () => {
    place = temporaryRepository()
    repository = openRepository(place.access, 'cart')
    source = await redisDatabase()
  })

  afterEach(async () => {
    await source.close()
    place.remove()
  })

  async function backUpSource() {
    const store = await openStore(source.url)
    return backUp({ service: 'cart', version: '1.0.0', store, repository }).finally(store.close)
  }

  async function restoreInto(url: string) {
    const store = await openStore(url)
    const [snapshot] = await repository.list()
    return restore({ snapshot: snapshot!, repository, store, isCopy: false }).finally(store.close)
  }

  it('restores keys of every type, with the times when they expire', async () => {
    const { redis } = source
    const expiresAt = Date.now() + HOUR
    await redis.set('text', 'value', 'PXAT', expiresAt)
    await redis.set(Buffer.from([0xff, 0x00]), Buffer.from([0xfe]))
    await redis.rpush('list', 'a', 'b')
    await redis.sadd('set', ...Array.from({ length: 600 }, (_, number) => `member ${number}`))
    await redis.hset(
      'hash',
      Object.fromEntries(Array.from({ length: 300 }, (_, number) => [`field ${number}`, number]))
    )
    await redis.zadd('sorted', 1.5, 'one', 2, 'two')
    await redis.xadd('stream', '1-1', 'event', '{}')
    const { manifest } = await backUpSource()
    assert.equal(manifest.contents[0]?.count, 7)
    const target = await redisDatabase()
    try {
      await target.redis.set('other', 'is replaced')
      await restoreInto(target.url)
      assert.equal(await target.redis.pexpiretime('text'), expiresAt)
      assert.deepEqual(await target.redis.hgetall('hash'), await redis.hgetall('hash'))
      assert.deepEqual(await target.redis.xrange('stream', '-', '+'), [['1-1', ['event', '{}']]])
      assert.equal(await target.redis.exists('other'), 0)
    } finally {
      await target.close()
    }
  })

  it('is proven by a copy in another database, and the store notes the time', async () => {
    await source.redis.set('cart', 'full')
    await backUpSource()
    const copy = await redisDatabase()
    const as = new URL(copy.url).pathname.slice(1)
    const service = { name: 'cart', version: '1.0.0', url: source.url, publishers: [] }
    const options = { access: place.access, eventLog: undefined, publisherUrl: undefined, erasesCustomers: false }
    try {
      const { unrecorded } = await restoreService(service, { ...options, at: 'latest', as })
      assert.equal(unrecorded, undefined)
      assert.equal(await copy.redis.get('cart'), 'full')
      assert.ok(Number(await source.redis.hget('bulkhead:backup', 'restoredAt')) > 0)
    } finally {
      await copy.close()
    }
  })

  it('leaves out the leases of replicas', async () => {
    await source.redis.set('{cart}:outbox:lease', 'holder', 'PX', HOUR)
    const { manifest } = await backUpSource()
    assert.equal(manifest.contents[0]?.count, 0)
    const store = await openStore(source.url)
    assert.equal(await store.count().finally(store.close), 0)
  })

  it('leaves out keys that have expired since the backup', async () => {
    await source.redis.set('short', 'lived', 'PX', 1_500)
    await source.redis.set('long', 'lived')
    const { snapshot } = await backUpSource()
    await delay(Math.max(0, snapshot.at.getTime() + 1_600 - Date.now()))
    const target = await redisDatabase()
    try {
      await restoreInto(target.url)
      assert.deepEqual(await target.redis.keys('*long'), ['long'])
      assert.equal(await target.redis.exists('short'), 0)
    } finally {
      await target.close()
    }
  })

  it('reads all keys as they are at one moment, while two of them always change together', async () => {
    const { redis } = source
    for (let number = 0; number < 500; number++) await redis.set(`key ${number}`, 'same')
    let isOver = false
    let count = 0
    const changing = (async () => {
      while (!isOver) {
        await redis.mset({ 'pair:a': ++count, 'pair:b': count })
        if (count % 10 === 0) await delay(1)
      }
    })()
    const reader = redis.duplicate()
    try {
      const latest = new Map<string, string>()
      for await (const { key, record } of redisSnapshot(reader, () => true))
        if (record) latest.set(key.toString(), record.dump.toString('hex'))
      assert.equal(latest.size, 502)
      assert.equal(latest.get('pair:a'), latest.get('pair:b'))
    } finally {
      isOver = true
      await changing
      reader.disconnect()
    }
  })
})
