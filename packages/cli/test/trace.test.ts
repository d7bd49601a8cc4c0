import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { httpServer } from '@bulkhead/testing/http-server'
import { readStack, type Stack } from '../src/services/stack.ts'
import { findTrace } from '../src/traces/find-trace.ts'
import { fixtureRepository } from './fixture.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const OTHER = '0af7651916cd43dd8448eb211c80319c'
const ORDER = 'ord_06dk3v5q8xte9s2w7m4c1znhb0'

const line = (service: string, time: number, ms: number, fields: object) =>
  `${JSON.stringify({
    level: 'info',
    time: new Date(Date.parse('2026-01-01T12:00:00Z') + time).toISOString(),
    service,
    requestId: TRACE,
    traceId: TRACE,
    operation: 'placeOrder',
    path: '/orders',
    status: 201,
    ms,
    msg: 'request',
    ...fields
  })}\n`

describe('findTrace', () => {
  let root: string
  let stack: Stack
  beforeEach(() => {
    root = fixtureRepository()
    stack = readStack(root, 4000)
    mkdirSync(join(stack.folder, 'logs'), { recursive: true })
    const asked = { requestId: OTHER, traceId: OTHER, operation: 'getOrder', path: `/orders/${ORDER}`, status: 200 }
    log(
      'alpha',
      line('alpha', 100, 100, { created: ORDER }),
      line('alpha', 900, 2, asked),
      'Error: a crash\n    at x\n'
    )
    log('beta', line('beta', 80, 50, { operation: 'reserve' }), line('beta', 90, 0, { level: 'warn', msg: 'Slow' }))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  const log = (service: string, ...lines: string[]) =>
    writeFileSync(join(stack.folder, 'logs', `${service}.log`), lines.join(''))

  for (const { title, id } of [
    { title: 'an order, by the request that created it', id: ORDER },
    { title: 'a trace ID', id: TRACE }
  ]) {
    it(`finds ${title}`, async () => {
      const { traceId, source, entries } = await findTrace(stack, id, undefined)
      assert.deepEqual({ traceId, source }, { traceId: TRACE, source: 'logs' })
      assert.deepEqual(
        entries.map(({ service, name, depth, kind }) => ({ service, name, depth, kind })),
        [
          { service: 'alpha', name: 'placeOrder', depth: 0, kind: 'request' },
          { service: 'beta', name: 'reserve', depth: 1, kind: 'request' },
          { service: 'beta', name: 'Slow', depth: 1, kind: 'message' }
        ]
      )
    })
  }

  it('finds a request by an ID that a proxy gave it', async () => {
    log('beta', line('beta', 80, 50, { requestId: 'proxy-1', traceId: OTHER }))
    assert.equal((await findTrace(stack, 'proxy-1', undefined)).traceId, OTHER)
  })

  it('lists the requests about an ID if the logs do not show the request that created it', async () => {
    log(
      'alpha',
      line('alpha', 900, 2, { traceId: OTHER, operation: 'getOrder', path: `/orders/${ORDER}`, status: 200 })
    )
    await assert.rejects(findTrace(stack, ORDER, undefined), (error: Error) => {
      assert.match(error.message, new RegExp(`do not show the request that created ${ORDER}`))
      assert.match(error.message, new RegExp(`alpha +getOrder +200 +${OTHER}\n`))
      return true
    })
  })

  it('says where it looked if nothing has the ID', async () => {
    await assert.rejects(
      findTrace(stack, 'ord_nothing', undefined),
      /no trace of ord_nothing: the logs of this stack do/
    )
    const unknown = 'f'.repeat(32)
    await assert.rejects(
      findTrace(stack, unknown, undefined),
      new RegExp(`nothing of the trace ${unknown}: .*logs has`)
    )
  })

  it('finds nothing in a stack that has not run', async () => {
    rmSync(stack.folder, { recursive: true })
    await assert.rejects(findTrace(stack, ORDER, undefined), /there is no trace of/)
  })
})

describe('findTrace with a Jaeger', () => {
  const root = fixtureRepository()
  const stack = readStack(root, 4000)
  const asked: string[] = []
  let answers: (path: string) => unknown
  let server: Awaited<ReturnType<typeof httpServer>>
  before(async () => {
    server = await httpServer((request, response) => {
      asked.push(request.url!)
      response.end(JSON.stringify(answers(request.url!)))
    })
  })
  beforeEach(() => {
    asked.length = 0
    answers = () => ({ data: [trace] })
  })
  after(async () => {
    await server.stop()
    rmSync(root, { recursive: true })
  })

  const span = (spanID: string, operationName: string, startTime: number, tags: object, references: object[] = []) => ({
    spanID,
    operationName,
    processID: 'p1',
    startTime,
    duration: 1_000,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    references
  })
  const childOf = (spanID: string) => ({ refType: 'CHILD_OF', traceID: TRACE, spanID })
  const trace = {
    traceID: TRACE,
    processes: { p1: { serviceName: 'orders' } },
    spans: [
      span('c', 'insert orders', 3_000, { 'span.kind': 'client', 'db.system.name': 'mongodb' }, [childOf('b')]),
      span('a', 'placeOrder', 1_000, { 'span.kind': 'server', 'http.response.status_code': 500, error: true }),
      span('b', 'process x', 2_000, { 'span.kind': 'consumer' }, [
        { refType: 'FOLLOWS_FROM', traceID: TRACE, spanID: 'a' },
        { refType: 'FOLLOWS_FROM', traceID: OTHER, spanID: 'z' }
      ])
    ]
  }

  it('shows its spans, each below its parent, and names the traces to which they link', async () => {
    const { source, entries, linked } = await findTrace(stack, TRACE, server.url)
    assert.deepEqual({ source, linked }, { source: 'spans', linked: [OTHER] })
    assert.deepEqual(
      entries.map(({ name, kind, depth, isFailed }) => ({ name, kind, depth, isFailed })),
      [
        { name: 'placeOrder', kind: 'request', depth: 0, isFailed: true },
        { name: 'process x', kind: 'event', depth: 1, isFailed: false },
        { name: 'insert orders', kind: 'store', depth: 2, isFailed: false }
      ]
    )
  })

  it('finds an order by the place that the answer to its request names', async () => {
    mkdirSync(join(root, 'services/alpha'), { recursive: true })
    const paths = { '/orders': { post: { responses: { 201: {} } } }, '/orders/{id}': { get: {} } }
    writeFileSync(join(root, 'services/alpha/openapi.json'), JSON.stringify({ paths }))
    answers = path => ({ data: path.includes('location') || path.startsWith('/api/traces/') ? [trace] : [] })
    assert.equal((await findTrace(stack, ORDER, server.url)).traceId, TRACE)
    const tags = new URL(asked.at(-2)!, server.url).searchParams.get('tags')
    assert.deepEqual(JSON.parse(tags!), { 'http.response.header.location': JSON.stringify([`orders/${ORDER}`]) })
  })

  it('says that neither Jaeger nor the logs have a trace', async () => {
    answers = () => ({ data: [] })
    await assert.rejects(
      findTrace(stack, TRACE, server.url),
      /neither Jaeger nor .*logs has a line of it.*not be sampled/
    )
  })

  it('names the address of a Jaeger that is away or is something else', async () => {
    answers = () => 'hello'
    await assert.rejects(findTrace(stack, TRACE, server.url), /its answer is not that of a Jaeger/)
    await assert.rejects(
      findTrace(stack, TRACE, 'http://127.0.0.1:1'),
      /Jaeger at http:\/\/127\.0\.0\.1:1 cannot be asked/
    )
  })
})
