import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { redisServer } from '@bulkhead/testing/redis-server'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { until } from '@bulkhead/testing/until'

/** The time (ms) in which a pod that drains must end, see `terminationGracePeriodSeconds` in the charts. It drains without a pause here. */
const GRACE_MS = 60_000

type Fault = 'refused' | 'hung'

/** A store of the service: its address, its fault, and the number of events that its outbox has not published. */
type Store = {
  url: string
  break(fault: Fault): unknown
  /** Returns whether the service has published all events, and waits for more. */
  isIdle(): Promise<boolean>
  /** Ends the fault, and counts the unpublished events. */
  unpublished(): Promise<number>
  close(): Promise<unknown>
}

describe('a service that is told to stop while its store and the event log are away', () => {
  let log: Awaited<ReturnType<typeof redisServer>>
  beforeEach(async () => {
    log = await redisServer()
  })
  afterEach(() => log.stop())

  async function run(kind: string, store: Store) {
    const variable = kind === 'mongodb' ? 'MONGODB_URL' : 'REDIS_URL'
    const environment = { STORE: kind, EVENT_LOG_URL: log.url, [variable]: store.url }
    const service = serviceProcess(join(import.meta.dirname, 'fixtures/counts.ts'), environment)
    const url = await service.ready()
    const count = (id: string) => fetch(`${url}/counts/${id}`, { method: 'POST', signal: AbortSignal.timeout(15_000) })
    return { ...service, count }
  }

  const breakLog = async (fault: Fault) => (fault === 'hung' ? log.hang() : log.kill())

  async function publishOne({ count }: Awaited<ReturnType<typeof run>>, store: Store) {
    assert.equal((await count('published')).status, 204)
    await until(async () => (await store.unpublished()) === 0)
    await until(store.isIdle)
  }

  /** Returns the numbers of unpublished events that the service has logged. */
  const unpublishedIn = ({ lines }: ReturnType<typeof serviceProcess>) =>
    lines()
      .filter(({ msg }) => String(msg).startsWith('Unpublished events stay in the outbox'))
      .map(({ left }) => left ?? 'unknown')

  /** Waits until the process has ended, which it must do within its grace period. */
  async function end({ stop, ended }: ReturnType<typeof serviceProcess>) {
    stop()
    const late = until(() => false, GRACE_MS).catch(() => stop('SIGKILL'))
    const [code, signal] = await Promise.race([ended, late.then(() => ended)])
    assert.deepEqual({ code, signal }, { code: 0, signal: null })
  }

  for (const [kind, open] of Object.entries({ redis: redisStoreForTest, mongodb: mongoStoreForTest })) {
    for (const fault of ['refused', 'hung'] as const) {
      it(`ends, keeps the events in its outbox, and says so (${kind}, ${fault})`, async () => {
        const store = await open()
        const service = await run(kind, store)
        await publishOne(service, store)
        await breakLog(fault)
        assert.equal((await service.count('kept')).status, 204)
        await store.break(fault)
        assert.equal((await service.count('refused')).status, 503)
        await end(service)
        assert.deepEqual(unpublishedIn(service), kind === 'mongodb' ? [1] : ['unknown'])
        // A store that hung has done the write that was answered with a 503.
        assert.equal(await store.unpublished(), fault === 'hung' && kind === 'redis' ? 2 : 1)
        await store.close()
      })

      it(`ends, if the store went first (${kind}, ${fault})`, async () => {
        const store = await open()
        const service = await run(kind, store)
        await publishOne(service, store)
        await store.break(fault)
        assert.equal((await service.count('refused')).status, 503)
        await breakLog(fault)
        await end(service)
        await store.unpublished()
        await store.close()
      })
    }
  }

  for (const fault of ['refused', 'hung'] as const) {
    it(`ends, if its store is a cache (${fault})`, async () => {
      const store = await redisStoreForTest()
      const service = await run('cache', store)
      await store.break(fault)
      await breakLog(fault)
      assert.equal((await service.count('any')).status, 204)
      await end(service)
      await store.close()
    })
  }
})

async function redisStoreForTest(): Promise<Store> {
  const server = await redisServer()
  return {
    url: server.url,
    break: fault => (fault === 'hung' ? server.hang() : server.kill()),
    isIdle: async () => / flags=b .* cmd=xread /.test(String(await (await server.answering()).client('LIST'))),
    async unpublished() {
      const redis = await server.answering()
      const cursor = (await redis.hget('{counting}:outbox:cursor', 'id')) ?? '0-0'
      return (await redis.xrange('{counting}:outbox', `(${cursor}`, '+')).length
    },
    close: server.stop
  }
}

async function mongoStoreForTest(): Promise<Store> {
  const database: MongoDatabase = await mongoDatabase()
  const proxy = await tcpProxy(database.url)
  return {
    url: proxy.url,
    break: fault => (fault === 'hung' ? proxy.block() : proxy.cut()),
    isIdle: async () => true,
    unpublished: () => database.db.collection('counters').countDocuments({ 'outbox.run': { $exists: false } }),
    async close() {
      proxy.close()
      await database.close()
    }
  }
}
