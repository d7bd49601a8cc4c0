import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { Binary, type Collection, Decimal128, Double, Int32, Long } from 'mongodb'
import { backUp } from '../../src/backup/back-up.ts'
import { openRepository, type Repository } from '../../src/backup/repository/repository.ts'
import { restore } from '../../src/backup/restore.ts'
import { openStore } from '../../src/backup/stores/open-store.ts'
import { needRestic, temporaryRepository } from './temporary-repository.ts'

type Order = { _id: string; [field: string]: unknown }

const SERVICE = { service: 'orders', version: '1.2.3' }
const ORDERS = 2_500

describe('the backup of a MongoDB store', () => {
  before(needRestic)

  let place: ReturnType<typeof temporaryRepository>
  let repository: Repository
  let source: MongoDatabase
  let orders: Collection<Order>

  before(async () => {
    place = temporaryRepository()
    repository = openRepository(place.access, 'orders')
    source = await mongoDatabase()
    orders = source.db.collection<Order>('orders')
    await orders.insertMany(Array.from({ length: ORDERS }, (_, number) => orderOf(number)))
    await source.db.collection<Order>('journal').insertOne({ _id: 'jrn_1', amount: Long.fromNumber(1) })
    await source.db.collection<Order>('leases').insertOne({ _id: 'outbox' })
  })

  after(async () => {
    await source.close()
    place.remove()
  })

  async function backUpSource() {
    const store = await openStore(source.url)
    try {
      return await backUp({ ...SERVICE, store, repository })
    } finally {
      await store.close()
    }
  }

  async function restoreInto({ url }: MongoDatabase, at?: string) {
    const store = await openStore(url)
    const snapshots = await repository.list()
    const snapshot = snapshots.find(({ id }) => id === at) ?? snapshots[0]!
    try {
      return await restore({ snapshot, repository, store, isCopy: false })
    } finally {
      await store.close()
    }
  }

  it('restores into an empty server every document, with the types of its fields', async () => {
    const { manifest } = await backUpSource()
    const counts = Object.fromEntries(manifest.contents.map(({ name, count }) => [name, count]))
    assert.deepEqual(counts, { journal: 1, orders: ORDERS })
    const target = await mongoDatabase()
    try {
      await restoreInto(target)
      const restored = target.db.collection<Order>('orders')
      const exact = { promoteValues: false }
      assert.equal(await restored.countDocuments(), ORDERS)
      assert.deepEqual(
        await restored.findOne({ _id: 'ord_00007' }, exact),
        await orders.findOne({ _id: 'ord_00007' }, exact)
      )
    } finally {
      await target.close()
    }
  })

  it('replaces what is in the store by an earlier backup', async () => {
    const before = await backUpSource()
    await orders.updateOne({ _id: 'ord_00001' }, { $set: { note: 'changed later' } })
    await orders.insertOne({ _id: 'ord_later' })
    await backUpSource()
    const target = await mongoDatabase()
    try {
      await restoreInto(target)
      await restoreInto(target, before.snapshot.id)
      const restored = target.db.collection<Order>('orders')
      assert.equal(await restored.countDocuments(), ORDERS)
      assert.equal((await restored.findOne({ _id: 'ord_00001' }))?.note, 'ä')
    } finally {
      await target.close()
    }
  })

  it('keeps the time and the size in the store, and the time of the last restore', async () => {
    const { snapshot } = await backUpSource()
    const target = await mongoDatabase()
    try {
      await restoreInto(target)
      const record = await target.db.collection<Order>('backups').findOne({ _id: 'latest' })
      assert.equal(record?.backedUpAt, snapshot.at.getTime())
      assert.equal(record?.bytes, snapshot.bytes)
      assert.ok(Number(record?.restoredAt) >= snapshot.at.getTime())
    } finally {
      await target.close()
    }
  })

  it('refuses a collection whose IDs have several types', async () => {
    const mixed = await mongoDatabase()
    const store = await openStore(mixed.url)
    try {
      const things = mixed.db.collection<{ _id: string | number }>('things')
      await things.insertMany([{ _id: 'one' }, { _id: 1 }])
      await assert.rejects(backUp({ ...SERVICE, store, repository }), /things has IDs of several types/)
    } finally {
      await store.close()
      await mixed.close()
    }
  })
})

const orderOf = (number: number): Order => ({
  _id: `ord_${String(number).padStart(5, '0')}`,
  version: new Int32(1),
  total: Long.fromNumber(1_250),
  weight: new Double(3),
  price: Decimal128.fromString('12.50'),
  secret: new Binary(Buffer.from('secret')),
  placedAt: new Date(0),
  lines: [{ sku: 'MUG', quantity: 1 }],
  note: 'ä'.repeat(number % 50),
  nothing: null
})
