import assert from 'node:assert/strict'
import { appDeps } from '@bulkhead/testing/app-deps'
import { httpServer } from '@bulkhead/testing/http-server'
import { createApp } from '../src/http/app.ts'
import { managementServer } from '../src/http/management-server.ts'

const OPEN =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const traceparent = (flags: string) => `00-${TRACE}-b7ad6b7169203331-${flags}`

describe('the metrics in OpenMetrics', () => {
  let api: Awaited<ReturnType<typeof httpServer>>
  let management: Awaited<ReturnType<typeof httpServer>>
  beforeEach(async () => {
    const deps = appDeps('light')
    const app = createApp({ ...deps, contract: {}, routers: [], storeProblem: error => error })
    api = await httpServer(app)
    const server = managementServer({ health: { ready: true }, registry: deps.registry, inspect: () => undefined })
    management = await httpServer((request, response) => void server.emit('request', request, response))
  })
  afterEach(() => Promise.all([api.stop(), management.stop()]))

  const ask = (flags: string) => fetch(`${api.url}/lamps`, { headers: { traceparent: traceparent(flags) } })

  async function scrape(accept: string) {
    const answer = await fetch(`${management.url}/metrics`, { headers: { accept } })
    return { type: answer.headers.get('content-type'), text: await answer.text() }
  }

  it('have the ID of a sampled trace at the bucket of its request', async () => {
    await ask('01')
    const { type, text } = await scrape(OPEN)
    assert.equal(type, 'application/openmetrics-text; version=1.0.0; charset=utf-8')
    const exemplar = new RegExp(
      `^bulkhead_request_duration_seconds_bucket{.*} 1 # {trace_id="${TRACE}"} [\\d.e-]+ [\\d.]+$`,
      'm'
    )
    assert.match(text, exemplar)
    assert.match(text, /\n# EOF\n$/)
  })

  it('have no exemplar of a trace that is not sampled', async () => {
    await ask('00')
    const { text } = await scrape(OPEN)
    assert.match(text, /^bulkhead_request_duration_seconds_count\{.*\} 1$/m)
    assert.doesNotMatch(text, /trace_id/)
  })

  it('name counters without _total in their description only, and leave the other format as it is', async () => {
    const deps = appDeps('light')
    createApp({ ...deps, contract: {}, routers: [], storeProblem: error => error })
    const { text } = await scrape(OPEN)
    assert.match(text, /^# TYPE bulkhead_unknown_input_fields counter$/m)
    const plain = await scrape('*/*')
    assert.equal(plain.type, 'text/plain; version=0.0.4; charset=utf-8')
    assert.match(plain.text, /^# TYPE bulkhead_unknown_input_fields_total counter$/m)
    assert.doesNotMatch(plain.text, /trace_id|# EOF/)
  })
})
