import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalog } from './helper.ts'
import { allProducts, importFile, over, send } from './import-file.ts'

const sample = readFileSync(join(import.meta.dirname, '../sample/products.csv'))

describe('Imports', () => {
  let service: Awaited<ReturnType<typeof catalog>>

  before(async () => {
    service = await catalog('catalog-imports')
    service.worker.start()
  })
  beforeEach(() => service.products.collection.deleteMany({}))
  after(() => service.close())

  it('are stored and answered at once, then read in the background', async () => {
    const { status, body, headers } = await send(service.app, sample)
    assert.deepEqual([status, headers.location, body.state], [202, `imports/${body.id}`, 'running'])
    const job = await over(service.app, body.id)
    assert.equal(job.state, 'done')
    assert.deepEqual(job.errors, [])
    const all = await allProducts(service.app)
    assert.deepEqual([job.products, job.created, job.bytesRead], [all.length, all.length, sample.length])
  })

  it('change nothing when they come again', async () => {
    await importFile(service.app, sample)
    const before = await allProducts(service.app)
    const job = await importFile(service.app, sample)
    assert.deepEqual([job.created, job.changed, job.unchanged], [0, 0, before.length])
    assert.deepEqual(await allProducts(service.app), before)
  })
})
