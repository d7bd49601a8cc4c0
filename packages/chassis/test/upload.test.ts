import assert from 'node:assert/strict'
import { appDeps } from '@bulkhead/testing/app-deps'
import request from 'supertest'
import * as z from 'zod'
import { operation } from '../src/contract/operation.ts'
import { createApp } from '../src/http/app.ts'
import { operations } from '../src/http/routes.ts'

const measure = operation({
  id: 'measure',
  method: 'post',
  path: '/files',
  summary: 'Measure a file',
  callers: ['public'],
  upload: { type: 'text/csv', limit: 100 },
  answers: { 200: { description: 'Its size', body: z.object({ bytes: z.int() }) } }
})

function app() {
  const { router } = operations().handle(measure, async ({ upload }) => {
    let bytes = 0
    for await (const chunk of upload) bytes += chunk.length
    return { status: 200, body: { bytes } }
  })
  return createApp({
    ...appDeps('files'),
    contract: {},
    routers: [router],
    storeProblem: error => error
  })
}

const send = (type = 'text/csv; charset=utf-8') => request(app()).post('/files').set('Content-Type', type)

describe('an operation with an upload', () => {
  it('gives its handler the file as it arrives', async () => {
    const { status, body } = await send().send('a'.repeat(100))
    assert.deepEqual([status, body], [200, { bytes: 100 }])
  })

  it('refuses any other media type with 415 and names the right one', async () => {
    const { status, body } = await send('application/json').send('{}')
    assert.deepEqual([status, body.detail], [415, 'Send Content-Type: text/csv'])
  })

  it('refuses a file over the limit with 413, whether the request states its length or not', async () => {
    assert.equal((await send().send('a'.repeat(101))).status, 413)
    const chunked = send()
    chunked.write('a'.repeat(60))
    chunked.write('a'.repeat(60))
    assert.equal((await chunked).status, 413)
  })
})
