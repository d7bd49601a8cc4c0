import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bundled } from '@bulkhead/testing/bundled'
import { until } from '@bulkhead/testing/until'
import { assertFields, startService } from './helper.ts'
import { csv, over, productOf, send } from './import-helper.ts'

const ROWS = 2_000
const BATCH = 200

const file = csv(
  ...Array.from({ length: ROWS }, (_, place) => ({
    Handle: `mug-${place}`,
    Title: 'Mug',
    'Variant SKU': place % 40 === 7 ? '=1' : `M-${place}`,
    'Variant Price': '5.00',
    'Variant Inventory Qty': '1',
    Status: 'active'
  }))
)

describe('an import', () => {
  let service: Awaited<ReturnType<typeof startService>>
  const children: ReturnType<typeof fork>[] = []

  beforeEach(async () => {
    service = await startService()
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await service.close()
  })

  async function replica(KILL_AT = '') {
    const env = { ...process.env, STORE_URL: service.storeUrl, KILL_AT }
    const child = fork(await bundled(join(import.meta.dirname, 'fixtures/replica.ts')), { env, execArgv: [] })
    const ended = once(child, 'exit')
    children.push(child)
    await once(child, 'message')
    return { child, ended }
  }

  /** Asserts that every row counts once and takes effect once. */
  async function assertComplete(id: string) {
    const job = await over(service, id)
    assertFields(job, { state: 'done', rows: ROWS, refusedRows: 50, errorCount: 50 })
    assert.equal(job.products, ROWS - 50)
    assert.equal(await service.products.collection.countDocuments({}), ROWS - 50)
    assert.equal(await service.products.collection.countDocuments({ version: 1, status: 'published' }), ROWS - 50)
    const { body } = await service.staff('get', `/imports/${id}/stock?limit=1000`).expect(200)
    const rest = await service.staff('get', `/imports/${id}/stock?limit=1000&cursor=${body.nextCursor}`).expect(200)
    assert.deepEqual(await service.eventsOf('imports', id), [['catalog.import.finished', 1]])
    const skus = [...body.items, ...rest.body.items].map(({ sku }) => sku)
    assert.equal(skus.length, ROWS - 50)
    assert.equal(new Set(skus).size, ROWS - 50)
  }

  for (const ahead of [0, 10]) {
    it(`continues with all rows on another replica if a replica with a clock ${ahead} minutes ahead is killed`, async () => {
      const first = await replica('after-batch-before-progress:3')
      const { body } = await send(service, file).expect(202)
      await first.ended
      const { body: half } = await service.staff('get', `/imports/${body.id}`)
      assertFields(half, { state: 'running', rows: 2 * BATCH })
      const leases = service.db.collection<{ _id: string; until: Date }>('leases')
      const { until: held } = (await leases.findOne({ _id: 'import-work' }))!
      await leases.updateOne({ _id: 'import-work' }, { $set: { until: new Date(held.getTime() + ahead * 60_000) } })
      await replica()
      await assertComplete(body.id)
    })
  }

  it('runs before a later import, whose prices replace its prices, on any number of replicas', async () => {
    const mug = { Handle: 'mug', Title: 'Mug', 'Variant SKU': 'MUG' }
    const [, row] = csv({ ...mug, 'Variant Price': '1.00', 'Variant Inventory Qty': '1', Status: 'active' }).split('\n')
    await Promise.all([replica(), replica()])
    const { body: first } = await send(service, `${file}${row}\n`).expect(202)
    const { body: second } = await send(service, csv({ ...mug, 'Variant Price': '2.00' })).expect(202)
    for (const { id } of [first, second]) assert.equal((await over(service, id)).state, 'done')
    assert.equal((await productOf(service, 'mug')).variants[0].prices[0].amount, 200)
  })

  it('stops at the end of a batch if its replica drains, and continues on another replica', async () => {
    const first = await replica()
    const { body } = await send(service, file).expect(202)
    await until(async () => (await service.staff('get', `/imports/${body.id}`)).body.rows > 0)
    first.child.send('drain')
    assert.deepEqual(await first.ended, [0, null])
    const { body: half } = await service.staff('get', `/imports/${body.id}`)
    assert.equal(half.state, 'running')
    assert.equal(half.rows % BATCH, 0)
    const ofImports = { _id: { $in: ['import-work', 'imports'] } }
    assert.equal(await service.db.collection<{ _id: string }>('leases').countDocuments(ofImports), 0)
    await replica()
    await assertComplete(body.id)
  })
})
