import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describeImport, importProducts } from '../src/catalogue/import.ts'
import { type Progress, renderBar } from '../src/output/progress-bar.ts'
import { freePort } from '../src/processes/ports.ts'

describe('importProducts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'import-'))
  const file = join(folder, 'products.csv')
  let server: Server
  let answer: (request: IncomingMessage, response: ServerResponse) => void

  before(done => {
    writeFileSync(file, 'Handle,Title\nlamp,Lamp\n')
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1', done)
  })
  after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  function run(progress: (progress: Progress) => void = () => undefined) {
    const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return importProducts(file, { gateway, token: 'of-staff', currency: 'EUR', progress })
  }

  it('sends the file and resolves with the finished job', async () => {
    const states = ['running', 'done']
    const requests: string[] = []
    answer = async (request, response) => {
      requests.push(`${request.method} ${request.url} ${request.headers.authorization} ${await text(request)}`)
      const job = { id: 'imp_1', state: request.method === 'POST' ? 'running' : states.shift(), rows: 1, products: 1 }
      response.writeHead(request.method === 'POST' ? 202 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ ...job, errors: [] }))
    }
    const progress: Progress[] = []
    assert.equal((await run(step => progress.push(step))).state, 'done')
    assert.deepEqual(requests, [
      'POST /api/v1/catalog/imports?currency=EUR Bearer of-staff Handle,Title\nlamp,Lamp\n',
      'GET /api/v1/catalog/imports/imp_1 Bearer of-staff ',
      'GET /api/v1/catalog/imports/imp_1 Bearer of-staff '
    ])
    assert.deepEqual(progress.at(-1), { done: 23, total: 23, text: '1 rows read' })
  })

  it('fails with the problem of a refused import', async () => {
    answer = async (request, response) => {
      await text(request)
      const errors = [{ pointer: '/query/currency', detail: 'is unknown' }]
      response.writeHead(400).end(JSON.stringify({ title: 'The request is not valid', detail: 'See errors', errors }))
    }
    await assert.rejects(run(), {
      message:
        'the import was refused with status 400: The request is not valid (See errors)\n  /query/currency: is unknown'
    })
  })

  it('fails if the gateway cannot be reached, if the file does not exist, and for a folder', async () => {
    const options = {
      gateway: `http://127.0.0.1:${await freePort()}`,
      token: '',
      currency: 'EUR',
      progress: () => undefined
    }
    await assert.rejects(importProducts(file, options), /cannot reach the gateway at .* \(connect ECONNREFUSED/)
    await assert.rejects(importProducts(join(folder, 'none.csv'), options), /there is no file .*none\.csv/)
    await assert.rejects(importProducts(folder, options), /import-\w+ is a folder/)
  })
})

describe('describeImport', () => {
  it('counts products and rows, and lists the first refused rows', () => {
    const errors = Array.from({ length: 11 }, (_, index) => ({ line: index + 2, column: 'SKU', reason: 'is taken' }))
    const counts = { rows: 20, refusedRows: 11, products: 6, created: 1, changed: 2, unchanged: 3, errorCount: 1100 }
    const lines = describeImport({
      id: 'imp_1',
      state: 'done',
      ...counts,
      errors,
      unknownColumns: ['Colour', 'ERP No.']
    }).split('\n')
    assert.deepEqual(lines.slice(0, 4), [
      'Import done: 20 rows, of which 11 refused',
      '6 products: 1 created, 2 changed, 3 unchanged',
      'Ignored columns: Colour, ERP No.',
      '  line 2, SKU: is taken'
    ])
    assert.equal(lines.at(-1), '  and 1090 more; --json prints all')
  })

  it('has only the reason if the file could not be read', () => {
    const none = { rows: 0, refusedRows: 0, products: 0, created: 0, changed: 0, unchanged: 0, unknownColumns: [] }
    const reason = 'line 1: the file is not text in UTF-8'
    const errors = [{ line: 1, column: '', reason: 'the file is not text in UTF-8' }]
    const text = describeImport({ id: 'imp_1', state: 'failed', reason, ...none, errorCount: 1, errors })
    assert.equal(text, `Import failed, and nothing was imported: ${reason}`)
  })
})

describe('renderBar', () => {
  it('shows the progress as a bar and a percentage', () => {
    assert.equal(
      renderBar({ done: 1, total: 3, text: 'sending' }),
      `[${'#'.repeat(10)}${'-'.repeat(20)}]  33%  sending`
    )
  })

  it('is empty for a total of 0, and never more than full', () => {
    assert.match(renderBar({ done: 0, total: 0, text: '' }), /^\[-{30}\] {3}0%/)
    assert.match(renderBar({ done: 5, total: 4, text: '' }), /^\[#{30}\] 100%/)
  })
})
