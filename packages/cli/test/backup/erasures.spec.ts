import assert from 'node:assert/strict'
import { streamsOf } from '@bulkhead/chassis/contract'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { backUpService, restoreService } from '../../src/backup/service-backup.ts'
import { needRestic, temporaryRepository } from './temporary-repository.ts'

type Account = {
  _id: string
  version: number
  schemaVersion: number
  email?: string
  erasedAt?: Date
  erasedBy?: string
  reports?: { service: string }[]
  outbox?: { type: string; version: number }[]
}

const PERSON = 'cus_1'

describe('the restore of a service with customers', () => {
  before(needRestic)

  let place: ReturnType<typeof temporaryRepository>
  let identity: MongoDatabase
  let eventLog: RedisDatabase

  beforeEach(async () => {
    place = temporaryRepository()
    identity = await mongoDatabase()
    eventLog = await redisDatabase()
    const account = { _id: PERSON, version: 1, schemaVersion: 1, email: 'ann@example.com' }
    await accounts().insertMany([account, { _id: 'cus_2', version: 1, schemaVersion: 1, email: 'bob@example.com' }])
  })

  afterEach(async () => {
    await Promise.all([identity.close(), eventLog.close()])
    place.remove()
  })

  const accounts = () => identity.db.collection<Account>('accounts')
  const service = (name: string, url: string) => ({ name, version: '1.0.0', url, publishers: ['identity'] })
  const backUp = (name = 'identity', url = identity.url) =>
    backUpService(service(name, url), { access: place.access, eventLog: eventLog.redis })
  const restoreOf = (name: string, url: string, at: string, publisherUrl: string | undefined) =>
    restoreService(service(name, url), {
      access: place.access,
      eventLog: eventLog.redis,
      at,
      publisherUrl,
      erasesCustomers: name !== 'identity'
    })
  const erase = () =>
    accounts().replaceOne(
      { _id: PERSON },
      { version: 2, schemaVersion: 1, erasedAt: new Date(), erasedBy: PERSON, reports: [{ service: 'orders' }] }
    )

  it('keeps a person erased when the accounts are set back, and publishes the erasure again', async () => {
    const { snapshot } = await backUp()
    await erase()
    assert.equal((await restoreOf('identity', identity.url, snapshot.id, identity.url)).erased, 1)
    const tombstone = await accounts().findOne({ _id: PERSON })
    assert.ok(tombstone?.erasedAt)
    assert.deepEqual(Object.keys(tombstone).sort(), [
      '_id',
      'erasedAt',
      'erasedBy',
      'outbox',
      'reports',
      'schemaVersion',
      'version'
    ])
    assert.equal(tombstone.outbox?.[0]?.type, 'identity.customer.erased')
    assert.equal((await accounts().findOne({ _id: 'cus_2' }))?.email, 'bob@example.com')
  })

  it('knows after a total loss the people who were erased before a later backup', async () => {
    const { snapshot } = await backUp()
    await erase()
    await backUp()
    await identity.db.dropDatabase()
    const { erased } = await restoreOf('identity', identity.url, snapshot.id, identity.url)
    assert.equal(erased, 1)
    assert.equal((await accounts().findOne({ _id: PERSON }))?.email, undefined)
  })

  it('delivers erasures since the backup again to a service that must erase', async () => {
    const orders = await mongoDatabase()
    try {
      await orders.db.collection<{ _id: string }>('orders').insertOne({ _id: 'ord_1' })
      const { snapshot } = await backUp('orders', orders.url)
      await erase()
      const { erased } = await restoreOf('orders', orders.url, snapshot.id, identity.url)
      assert.equal(erased, 1)
      const reading = ['GROUP', 'orders', 'test', 'STREAMS', streamsOf('identity').events, '>'] as const
      const [[, entries] = []] = ((await eventLog.redis.xreadgroup(...reading)) ?? []) as [
        string,
        [string, string[]][]
      ][]
      const events = entries!.map(([, [, event = '']]) => JSON.parse(event))
      assert.deepEqual(
        events.map(({ type, subject }) => ({ type, subject })),
        [{ type: 'identity.customer.erased', subject: PERSON }]
      )
    } finally {
      await orders.close()
    }
  })

  it('counts only people who were erased since the backup', async () => {
    const orders = await mongoDatabase()
    try {
      await orders.db.collection<{ _id: string }>('orders').insertOne({ _id: 'ord_1' })
      await erase()
      const { snapshot } = await backUp('orders', orders.url)
      const { erased } = await restoreOf('orders', orders.url, snapshot.id, identity.url)
      assert.equal(erased, 0)
      assert.equal(await eventLog.redis.xlen(streamsOf('identity').events), 1)
    } finally {
      await orders.close()
    }
  })

  it('gets all events again that the log still has', async () => {
    const orders = await mongoDatabase()
    try {
      await orders.db.collection<{ _id: string }>('orders').insertOne({ _id: 'ord_1' })
      const { events } = streamsOf('identity')
      await eventLog.redis.xgroup('CREATE', events, 'orders', '0', 'MKSTREAM')
      const id = await eventLog.redis.xadd(events, '*', 'event', '{}')
      await eventLog.redis.xgroup('SETID', events, 'orders', '$')
      const { snapshot, manifest } = await backUp('orders', orders.url)
      assert.deepEqual(manifest.eventLog, [{ stream: events, lastDelivered: id, unread: 0 }])
      await restoreOf('orders', orders.url, snapshot.id, identity.url)
      const [group] = (await eventLog.redis.xinfo('GROUPS', events)) as unknown[][]
      assert.equal(group![group!.indexOf('last-delivered-id') + 1], '0-0')
    } finally {
      await orders.close()
    }
  })
})
