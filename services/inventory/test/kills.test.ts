import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bundled } from '@bulkhead/testing/bundled'
import type { Filter } from 'mongodb'
import { adjust } from '../src/stock/adjustment.ts'
import type { Holder } from '../src/stock/store.ts'
import { checkBooks, HOUR_MS, newOrder, startInventory, type TestInventory } from './helper.ts'

type Ground = {
  order: string
  /** An older order of the same buyer. */
  older: string
  skus: [string, string]
  lines: Record<string, number>
  holder: Holder
}
type Case = {
  name: string
  /** How many writes it makes, those that change nothing too: it is killed after each. */
  writes: number
  /** What was before; the second SKU is the scarce one. */
  given: (ground: Ground, shop: TestInventory) => Promise<unknown>
  /** What the process is told to do. */
  does: (ground: Ground) => [string, ...unknown[]]
  /** The same over HTTP, and what comes out when that is repeated: status, and available, held and on hand of both SKUs. */
  again: (ground: Ground, shop: TestInventory) => Promise<{ status: number }>
  becomes: [status: number, first: number[], second: number[]]
}

type Stored = { _id: string; sku: string }

const linesOf = ({ lines }: Ground) => Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity }))
const reserve = {
  does: (ground: Ground) => ['reserve', ground.order, linesOf(ground), ground.holder] as [string, ...unknown[]],
  again: ({ order, lines, holder }: Ground, shop: TestInventory) => shop.reserve(order, lines, holder)
}
const release = {
  does: ({ order }: Ground) => ['release', order] as [string, ...unknown[]],
  again: ({ order }: Ground, shop: TestInventory) => shop.release(order)
}
const commit = {
  does: ({ order }: Ground) => ['commit', order] as [string, ...unknown[]],
  again: ({ order }: Ground, shop: TestInventory) => shop.commit(order)
}
const held = ({ order, lines, holder }: Ground, shop: TestInventory) => shop.reserve(order, lines, holder).expect(200)
const olderHeld = ({ older, skus, holder }: Ground, shop: TestInventory) =>
  shop.reserve(older, { [skus[0]]: 1, [skus[1]]: 1 }, holder).expect(200)
const networkFull = async ({ skus, holder: { network } }: Ground, shop: TestInventory) => {
  await shop.adjust(skus[1], { count: 40, reason: 'counted' })
  await shop.reserve(newOrder(), { [skus[1]]: 3 }, { network })
}
const released = async (ground: Ground, shop: TestInventory) => {
  await held(ground, shop)
  await shop.release(ground.order).expect(200)
}
const scarce = ({ skus }: Ground, shop: TestInventory) => shop.adjust(skus[1], { count: 1, reason: 'counted' })
const nothing = async () => undefined

/** Each begins with five on hand of both SKUs, and is about two of each. */
const cases: Case[] = [
  { name: 'a reservation', writes: 3, given: nothing, ...reserve, becomes: [200, [3, 2, 5], [3, 2, 5]] },
  { name: 'a reservation of too many', writes: 5, given: scarce, ...reserve, becomes: [200, [5, 0, 5], [1, 0, 1]] },
  {
    name: 'a reservation in place of an older one of its buyer',
    writes: 7,
    given: olderHeld,
    ...reserve,
    becomes: [200, [3, 2, 5], [3, 2, 5]]
  },
  {
    name: 'a reservation of more than its network may hold',
    writes: 5,
    given: networkFull,
    ...reserve,
    becomes: [200, [5, 0, 5], [37, 3, 40]]
  },
  { name: 'a release', writes: 3, given: held, ...release, becomes: [200, [5, 0, 5], [5, 0, 5]] },
  { name: 'a release ahead', writes: 1, given: nothing, ...release, becomes: [200, [5, 0, 5], [5, 0, 5]] },
  { name: 'a commit', writes: 3, given: held, ...commit, becomes: [200, [3, 0, 3], [3, 0, 3]] },
  {
    name: 'a commit of what was released',
    writes: 6,
    given: released,
    ...commit,
    becomes: [200, [3, 0, 3], [3, 0, 3]]
  },
  {
    ...{ name: 'a commit of what is gone', writes: 5, ...commit, becomes: [409, [5, 0, 5], [1, 0, 1]] },
    given: async (ground, shop) => {
      await released(ground, shop)
      await scarce(ground, shop)
    }
  },
  {
    ...{ name: 'an adjustment', writes: 2, given: nothing, becomes: [201, [5, 0, 5], [12, 0, 12]] },
    does: ({ skus, order }) => ['adjust', skus[1], adjustment, { by: 'stf_1', madeBy: madeByOf(order) }],
    // Not over HTTP: the key is not one that a request would have.
    again: async ({ skus, order }, shop) => {
      await adjust(skus[1], adjustment, { by: 'stf_1', madeBy: madeByOf(order) }, shop)
      return { status: 201 }
    }
  }
]
const adjustment = { change: 7, reason: 'received' as const }
const madeByOf = (order: string) => ({ key: order, content: 'the same' })

describe('A replica that is killed', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  const points = (writes: number) => [
    'before-write:1',
    ...Array.from({ length: writes }, (_, place) => `after-write:${place + 1}`)
  ]

  async function killedAt(point: string, { given, does }: Case): Promise<Ground> {
    const skus = [await shop.stocked(5), await shop.stocked(5)].sort() as [string, string]
    const names = { order: newOrder(), older: newOrder(), holder: { buyer: newOrder(), network: newOrder() } }
    const ground = { ...names, skus, lines: { [skus[0]]: 2, [skus[1]]: 2 } }
    await given(ground, shop)
    const env = { ...process.env, STORE_URL: shop.storeUrl, KILL_AT: point }
    const child = fork(await bundled(join(import.meta.dirname, 'fixtures/replica.ts')), { env, execArgv: [] })
    const ended = once(child, 'exit')
    await once(child, 'message')
    child.send(does(ground))
    const answered = once(child, 'message').then(([answer]) => assert.fail(`${point} was not passed: ${answer}`))
    assert.deepEqual(await Promise.race([ended, answered]), [null, 'SIGKILL'])
    return ground
  }

  const piecesOf = async ({ skus }: Ground) => [await shop.piecesOf(skus[0]), await shop.piecesOf(skus[1])]

  /** All that is stored of a ground, to be put back as it is: one process that is killed is enough to try two ways on from there. */
  async function copyOf({ order, older, skus }: Ground) {
    const filters: Record<string, Filter<Stored>> = {
      stock: { _id: { $in: skus } },
      reservations: { _id: { $in: [order, older] } },
      adjustments: { sku: { $in: skus } }
    }
    const copies = await Promise.all(
      Object.entries(filters).map(async ([name, filter]) => {
        const collection = shop.db.collection<Stored>(name)
        return { collection, filter, documents: await collection.find(filter).toArray() }
      })
    )
    return async () => {
      for (const { collection, filter, documents } of copies) {
        await collection.deleteMany(filter)
        if (documents.length > 0) await collection.insertMany(documents)
      }
    }
  }

  for (const one of cases) {
    it(`after any write of ${one.name} leaves what its repetition brings to its end, and the sweep in order`, async () => {
      const left: { point: string; ground: Ground }[] = []
      for (const point of points(one.writes)) {
        const ground = await killedAt(point, one)
        const putBack = await copyOf(ground)
        const [status, ...pieces] = one.becomes
        assert.equal((await one.again(ground, shop)).status, status, point)
        assert.deepEqual(await piecesOf(ground), pieces, point)
        await checkBooks(shop, ground.skus)
        await putBack()
        left.push({ point, ground })
      }
      shop.forward(2 * HOUR_MS)
      await shop.sweep()
      for (const { point, ground } of left) {
        await checkBooks(shop, ground.skus)
        for (const [, held] of await piecesOf(ground)) assert.equal(held, 0, point)
        await one.again(ground, shop)
        await checkBooks(shop, ground.skus)
      }
      shop.forward(-2 * HOUR_MS)
    })
  }
})
