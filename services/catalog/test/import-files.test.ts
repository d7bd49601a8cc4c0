import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { until } from '@bulkhead/testing/until'
import type { Response } from 'supertest'
import { sweepImports } from '../src/imports/sweep.ts'
import { assertFields, startService } from './helper.ts'
import { csv, importFile, over, productOf, send } from './import-helper.ts'

const DAY = 24 * 3_600_000
const mug = { Handle: 'mug', Title: 'Mug', 'Variant SKU': 'M-1', 'Variant Price': '5.00' }
/** A product whose last row may be missing, if the file ends too early after it. */
const cup = { ...mug, Handle: 'cup', 'Variant SKU': 'C-1' }

describe('imported files', () => {
  let service: Awaited<ReturnType<typeof startService>>

  before(async () => {
    service = await startService({ runsImports: true })
  })
  beforeEach(() => service.products.collection.deleteMany({}))
  after(() => service.close())

  const count = (collection: string, filter = {}) => service.db.collection(collection).countDocuments(filter)

  it('can have a byte order mark, and quoted line ends anywhere in a chunk', async () => {
    const text = 'a "quoted"\n\r\nline, '.repeat(25_000).trim()
    const job = await importFile(service, `\ufeff${csv({ ...mug, 'Body (HTML)': text })}`)
    assertFields(job, { state: 'done', errors: [], products: 1 })
    assert.equal((await productOf(service, 'mug')).description, text)
  })

  const broken: [string, () => Buffer | string, RegExp, number][] = [
    ['is empty', () => '', /is empty/, 0],
    ['is a picture', () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /not text in UTF-8/, 0],
    ['has an Option2 but no Option1 Value', () => csv({ ...mug, 'Option2 Value': 'L' }), /no column Option1 Value/, 0],
    ['has other columns', () => 'Name,Price\nmug,5\n', /Handle is missing/, 0],
    ['has a quote that is never closed', () => `${csv(mug, cup)}jug,"Jug`, /never closed/, 1],
    [
      'has a row of 3 MiB',
      () => Buffer.concat([Buffer.from(csv(mug, cup)), Buffer.alloc(3 << 20, 'x')]),
      /larger than 1 MiB/,
      1
    ]
  ]
  for (const [name, file, reason, products] of broken)
    it(`fail if the file ${name}, and keep the products before the fault`, async () => {
      const job = await importFile(service, file())
      assertFields(job, { state: 'failed', products, errorCount: 1 })
      assert.match(job.reason, reason)
      assert.match(job.errors[0].reason, reason)
      assert.equal(await service.products.collection.countDocuments({}), products)
      await until(async () => (await count('import_files')) === 0)
    })

  it('lose only the rows that could be formulas', async () => {
    const job = await importFile(service, csv(mug, { ...mug, Handle: 'cup', 'Variant SKU': '=cmd()' }))
    assertFields(job, { products: 1, refusedRows: 1 })
    assertFields(job.errors[0], { line: 3, column: 'Variant SKU' })
  })

  it('list their first 1,000 errors, but count all errors', async () => {
    const job = await importFile(service, `Handle,Title,Variant Price\n${'mug,=1,5\n'.repeat(1200)}`)
    assertFields(job, { rows: 1200, errorCount: 1200 })
    assert.equal(job.errors.length, 1000)
  })

  it('are removed if the sender disconnects', async () => {
    const { port } = new URL(service.url)
    const headers = { Authorization: service.staffHeader, 'Content-Type': 'text/csv' }
    const sender = httpRequest({ port, method: 'POST', path: '/imports?currency=EUR', headers })
    sender.on('error', () => undefined)
    sender.write(Buffer.alloc(600_000, 'x'))
    await until(async () => (await count('import_files')) > 1)
    sender.destroy()
    await until(async () => (await count('import_files')) + (await count('imports', { state: 'uploading' })) === 0)
  })

  it('list each of their quantities once, page by page', async () => {
    const rows = Array.from({ length: 1200 }, (_, place) => ({
      ...mug,
      Handle: `mug-${place}`,
      'Variant SKU': `M-${place}`,
      'Variant Inventory Qty': String(place)
    }))
    const { id } = await importFile(service, csv(...rows))
    const read: unknown[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const { body }: Response = await service.staff('get', `/imports/${id}/stock?limit=333${cursor}`).expect(200)
      assert.ok(body.items.length <= 333)
      read.push(...body.items)
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`
    }
    assert.deepEqual(
      read,
      rows.map((row, quantity) => ({ sku: row['Variant SKU'], quantity }))
    )
    const { body } = await service.staff('get', `/imports/${id}/stock?cursor=abc`).expect(400)
    assert.equal(body.errors[0].pointer, '/query/cursor')
  })

  it('are listed with the latest first, and removed after 30 days', async () => {
    const ids = []
    for (const Title of ['A', 'B', 'C']) ids.push((await importFile(service, csv({ ...mug, Title }))).id)
    const { body } = await service.staff('get', '/imports?limit=2').expect(200)
    const next = await service.staff('get', `/imports?limit=1&cursor=${body.nextCursor}`).expect(200)
    assert.deepEqual(
      [...body.items, ...next.body.items].map(({ id }) => id),
      ids.reverse()
    )
    assert.equal(body.items[0].errors, undefined)

    const now = Date.now()
    await sweepImports(service.imports, new Date(now + 29 * DAY))
    await service.staff('get', `/imports/${ids[0]}`).expect(200)
    await sweepImports(service.imports, new Date(now + 31 * DAY))
    await service.staff('get', `/imports/${ids[0]}`).expect(404)
    assert.equal(await count('imports'), 0)
    assert.equal(await count('import_stock'), 0)
  })

  it('are removed if a process died during the upload', async () => {
    const id = await service.imports.jobs.open({ currency: 'EUR', traceparent: '' })
    await service.imports.files.write(
      id,
      (async function* () {
        yield Buffer.alloc(300_000)
      })()
    )
    await service.staff('get', `/imports/${id}`).expect(404)
    await sweepImports(service.imports, new Date(Date.now() + DAY))
    assert.equal(await count('imports'), 0)
    assert.equal(await count('import_files'), 0)
  })

  it('are removed if a process died after the import, and their jobs are removed after 30 days', async () => {
    const { jobs, files, stock } = service.imports
    const id = await jobs.open({ currency: 'EUR', traceparent: '' })
    async function* upload() {
      yield Buffer.alloc(300_000)
    }
    const { chunks } = await files.write(id, upload())
    const over = { state: 'done', finishedAt: new Date(), chunks }
    await service.db.collection<{ _id: string }>('imports').updateOne({ _id: id }, { $set: over })
    // The stock of a batch whose progress was never saved.
    await stock.write(id, 7, [{ sku: 'M-1', quantity: 1 }])
    await sweepImports(service.imports, new Date())
    const job = await jobs.byId(id)
    assertFields(job, { state: 'done', chunks: 0 })
    assert.equal(await service.db.collection('import_files').countDocuments({ _id: { $gt: id } as never }), 0)
    await sweepImports(service.imports, new Date(Date.now() + 31 * DAY))
    assert.equal(await jobs.byId(id), null)
    assert.equal(await count('import_stock'), 0)
  })

  it('return a 503 if a sweep has removed them as abandoned', async () => {
    const { jobs } = service.imports
    const id = await jobs.open({ currency: 'EUR', traceparent: '' })
    await sweepImports(service.imports, new Date(Date.now() + DAY))
    await assert.rejects(jobs.enqueue(id, { bytes: 1, chunks: 1 }), /Not available/)
  })

  it('require staff, a currency and an existing family', async () => {
    const paths = [
      '/imports',
      '/imports/imp_00000000000000000000000000',
      '/imports/imp_00000000000000000000000000/stock'
    ]
    for (const path of paths) assert.equal((await service.anyone.get(path)).status, 401)
    for (const path of paths.slice(1)) assert.equal((await service.staff('get', path)).status, 404)
    const refusal = async (query: string) => {
      const { status, body } = await send(service, csv(mug), query)
      return [status, body.errors[0].pointer]
    }
    assert.deepEqual(await refusal(''), [400, '/query/currency'])
    assert.deepEqual(await refusal('currency=DEM'), [400, '/query/currency'])
    const family = 'currency=EUR&family=fam_00000000000000000000000000'
    assert.deepEqual(await refusal(family), [422, '/query/family'])
  })

  it('add their rows to the metrics', async () => {
    const rows = async () => {
      const text = await service.registry.metrics()
      return ['taken', 'refused'].map(outcome =>
        Number(new RegExp(`^catalog_import_rows_total{outcome="${outcome}"} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
      )
    }
    const [taken, refused] = await rows()
    await importFile(service, csv(mug, cup, { ...mug, Handle: 'jug', Title: '=1' }))
    assert.deepEqual(await rows(), [taken! + 2, refused! + 1])
    assert.match(await service.registry.metrics(), /^catalog_imports_waiting 0$/m)
  })
})

describe('the queue of imports', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  it('refuses a 21st import with a 503, and runs the others', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, place) =>
        send(service, csv({ ...mug, Handle: `mug-${place}`, 'Variant SKU': `M-${place}` }))
      )
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]))
    const refused = await send(service, csv(mug))
    assert.equal(refused.status, 503)
    assert.equal(refused.headers['retry-after'], '10')
    assert.match(await service.registry.metrics(), /^catalog_imports_waiting 20$/m)
    const replica = await startService({ runsImports: true, storeUrl: service.storeUrl! })
    try {
      for (const { body } of answers) assert.equal((await over(service, body.id)).products, 1)
    } finally {
      await replica.close()
    }
  })
})
