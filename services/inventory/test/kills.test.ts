import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bundled } from '@bulkhead/testing/bundled'
import type { Filter } from 'mongodb'
import { adjust } from '../src/stock/adjustment.ts'
import type { Holder } from '../src/stock/store.ts'
import { checkBooks } from './books.ts'
import { HOUR_MS, newOrder, type Pieces, startInventory, type TestInventory } from './helper.ts'

/** The data that one process works on. */
type Scene = {
  order: string
  /** The ID of an older order of the same buyer, if the case creates one. */
  older: string
  /** Two SKUs. Of the second there may be too few pieces. */
  skus: [string, string]
  /** Lines with two pieces of each SKU. */
  lines: Record<string, number>
  holder: Holder
}
type Result = { status: number; first: Pieces; second: Pieces }
/** The name of an action in fixtures/replica.ts, and its arguments. */
type Message = [action: string, ...given: unknown[]]
type Action = {
  message: (scene: Scene) => Message
  /** Runs the same action over HTTP. */
  repeat: (scene: Scene, shop: TestInventory) => Promise<{ status: number }>
}
type Case = Action & {
  name: string
  /** The number of writes of the action, including those that change nothing. The process is killed after each of them. */
  writes: number
  /** Prepares the scene, which has five pieces of each SKU on hand. */
  prepare: (scene: Scene, shop: TestInventory) => Promise<unknown>
  /** The answer to the repeated request, and the pieces afterwards. */
  result: Result
}

const pieces = ({ available, held = 0 }: { available: number; held?: number }): Pieces => ({
  available,
  held,
  onHand: available + held
})

const reserve: Action = {
  message({ order, lines, holder }) {
    const list = Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity }))
    return ['reserve', order, list, holder]
  },
  repeat: ({ order, lines, holder }, shop) => shop.reserve(order, lines, holder)
}
const release: Action = {
  message: ({ order }) => ['release', order],
  repeat: ({ order }, shop) => shop.release(order)
}
const commit: Action = {
  message: ({ order }) => ['commit', order],
  repeat: ({ order }, shop) => shop.commit(order)
}
const adjustment = { change: 7, reason: 'received' as const }
const adjustmentBy = ({ order }: Scene) => ({ by: 'stf_1', madeBy: { key: order, content: 'the same' } })
const adjusting: Action = {
  message: scene => ['adjust', scene.skus[1], adjustment, adjustmentBy(scene)],
  // This call does not use HTTP, where keys have another form.
  async repeat(scene, shop) {
    await adjust(scene.skus[1], adjustment, adjustmentBy(scene), shop)
    return { status: 201 }
  }
}

const nothing = async () => undefined
const hold = ({ order, lines, holder }: Scene, shop: TestInventory) => shop.reserve(order, lines, holder).expect(200)
const holdOlder = ({ older, skus, holder }: Scene, shop: TestInventory) =>
  shop.reserve(older, { [skus[0]]: 1, [skus[1]]: 1 }, holder).expect(200)
const fillNetwork = async ({ skus, holder: { network } }: Scene, shop: TestInventory) => {
  await shop.adjust(skus[1], { count: 40, reason: 'counted' })
  await shop.reserve(newOrder(), { [skus[1]]: 3 }, { network })
}
const holdAndRelease = async (scene: Scene, shop: TestInventory) => {
  await hold(scene, shop)
  await shop.release(scene.order).expect(200)
}
const removePieces = ({ skus }: Scene, shop: TestInventory) => shop.adjust(skus[1], { count: 1, reason: 'counted' })
const holdReleaseAndRemove = async (scene: Scene, shop: TestInventory) => {
  await holdAndRelease(scene, shop)
  await removePieces(scene, shop)
}

const cases: Case[] = [
  {
    name: 'a reservation',
    writes: 3,
    prepare: nothing,
    ...reserve,
    result: { status: 200, first: pieces({ available: 3, held: 2 }), second: pieces({ available: 3, held: 2 }) }
  },
  {
    name: 'a reservation of too many pieces',
    writes: 5,
    prepare: removePieces,
    ...reserve,
    result: { status: 200, first: pieces({ available: 5 }), second: pieces({ available: 1 }) }
  },
  {
    name: 'a reservation that replaces an older one of its buyer',
    writes: 7,
    prepare: holdOlder,
    ...reserve,
    result: { status: 200, first: pieces({ available: 3, held: 2 }), second: pieces({ available: 3, held: 2 }) }
  },
  {
    name: 'a reservation of more than its network may hold',
    writes: 5,
    prepare: fillNetwork,
    ...reserve,
    result: { status: 200, first: pieces({ available: 5 }), second: pieces({ available: 37, held: 3 }) }
  },
  {
    name: 'a release',
    writes: 3,
    prepare: hold,
    ...release,
    result: { status: 200, first: pieces({ available: 5 }), second: pieces({ available: 5 }) }
  },
  {
    name: 'a release before its reservation',
    writes: 1,
    prepare: nothing,
    ...release,
    result: { status: 200, first: pieces({ available: 5 }), second: pieces({ available: 5 }) }
  },
  {
    name: 'a commit',
    writes: 3,
    prepare: hold,
    ...commit,
    result: { status: 200, first: pieces({ available: 3 }), second: pieces({ available: 3 }) }
  },
  {
    name: 'a commit of released pieces',
    writes: 6,
    prepare: holdAndRelease,
    ...commit,
    result: { status: 200, first: pieces({ available: 3 }), second: pieces({ available: 3 }) }
  },
  {
    name: 'a commit of released pieces that are gone',
    writes: 5,
    prepare: holdReleaseAndRemove,
    ...commit,
    result: { status: 409, first: pieces({ available: 5 }), second: pieces({ available: 1 }) }
  },
  {
    name: 'an adjustment',
    writes: 2,
    prepare: nothing,
    ...adjusting,
    result: { status: 201, first: pieces({ available: 5 }), second: pieces({ available: 12 }) }
  }
]

describe('a replica that is killed', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  const points = (writes: number) => [
    'before-write:1',
    ...Array.from({ length: writes }, (_, place) => `after-write:${place + 1}`)
  ]

  /** Prepares a scene, and lets a process be killed at a fault point of its action. */
  async function killAt(point: string, { prepare, message }: Case): Promise<Scene> {
    const skus = [await shop.stocked(5), await shop.stocked(5)].sort() as [string, string]
    const holder = { buyer: newOrder(), network: newOrder() }
    const scene = { order: newOrder(), older: newOrder(), holder, skus, lines: { [skus[0]]: 2, [skus[1]]: 2 } }
    await prepare(scene, shop)
    const env = { ...process.env, STORE_URL: shop.storeUrl, KILL_AT: point }
    const child = fork(await bundled(join(import.meta.dirname, 'fixtures/replica.ts')), { env, execArgv: [] })
    const ended = once(child, 'exit')
    await once(child, 'message')
    child.send(message(scene))
    const answered = once(child, 'message').then(([answer]) => assert.fail(`${point} was not passed: ${answer}`))
    assert.deepEqual(await Promise.race([ended, answered]), [null, 'SIGKILL'])
    return scene
  }

  const piecesOf = async ({ skus }: Scene) => ({
    first: await shop.piecesOf(skus[0]),
    second: await shop.piecesOf(skus[1])
  })

  /** Repeats the action of a killed process, then restores the store. */
  async function checkRepetition(scene: Scene, { repeat, result }: Case, point: string) {
    const restore = await backUp(shop, scene)
    const { status } = await repeat(scene, shop)
    assert.deepEqual({ status, ...(await piecesOf(scene)) }, result, point)
    await checkBooks(shop, scene.skus)
    await restore()
  }

  /** Asserts that a sweep leaves no held pieces, and that the books agree after a repetition. */
  async function checkAfterSweep(scene: Scene, { repeat }: Case, point: string) {
    await checkBooks(shop, scene.skus)
    const { first, second } = await piecesOf(scene)
    assert.deepEqual({ first: first.held, second: second.held }, { first: 0, second: 0 }, point)
    await repeat(scene, shop)
    await checkBooks(shop, scene.skus)
  }

  for (const one of cases) {
    it(`after any write of ${one.name} leaves a state that a repetition or a sweep can complete`, async () => {
      const killed: { point: string; scene: Scene }[] = []
      for (const point of points(one.writes)) {
        const scene = await killAt(point, one)
        await checkRepetition(scene, one, point)
        killed.push({ point, scene })
      }
      shop.forward(2 * HOUR_MS)
      await shop.sweep()
      for (const { point, scene } of killed) await checkAfterSweep(scene, one, point)
      shop.forward(-2 * HOUR_MS)
    })
  }
})

type Stored = { _id: string; sku: string }

/** Copies all documents of a scene. Returns a function that restores them, so that two tests can start from one killed process. */
async function backUp({ db }: TestInventory, { order, older, skus }: Scene) {
  const filters: Record<string, Filter<Stored>> = {
    stock: { _id: { $in: skus } },
    reservations: { _id: { $in: [order, older] } },
    adjustments: { sku: { $in: skus } }
  }
  const copies = await Promise.all(
    Object.entries(filters).map(async ([name, filter]) => {
      const collection = db.collection<Stored>(name)
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
