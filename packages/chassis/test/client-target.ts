import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener } from 'node:http'
import { httpServer } from '@bulkhead/testing/http-server'
import { Registry } from 'prom-client'
import { z } from 'zod'
import { client } from '../src/client/client.ts'
import type { ClientLimits } from '../src/client/client-policy.ts'
import { defineNeed, needs } from '../src/contract/needs.ts'
import { Problem } from '../src/core/problem.ts'

const product = z.object({ id: z.string(), price: z.object({ amount: z.int() }) })
export const catalog = needs('catalog', {
  getProduct: defineNeed({
    operation: 'getProduct',
    method: 'get',
    path: '/products/{id}',
    params: z.object({ id: z.string() }),
    query: z.object({ fields: z.array(z.string()).optional(), limit: z.int().optional() }),
    reads: product
  }),
  addProduct: defineNeed({
    operation: 'addProduct',
    method: 'post',
    path: '/products',
    body: z.object({ name: z.string() }),
    reads: product
  }),
  orderProduct: defineNeed({
    operation: 'orderProduct',
    method: 'post',
    path: '/orders',
    reads: product,
    headers: z.object({ 'idempotency-key': z.string() })
  }),
  findProduct: defineNeed({
    operation: 'findProduct',
    method: 'post',
    path: '/queries',
    isSafe: true,
    body: z.object({ name: z.string() }),
    reads: product
  }),
  removeProduct: defineNeed({
    operation: 'removeProduct',
    method: 'delete',
    path: '/products/{id}',
    params: z.object({ id: z.string() }),
    reads: z.undefined()
  })
})
export const known = { id: 'prd_1', price: { amount: 100 } }
export const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
export const within = (milliseconds: number) => ({ requestId: 'r-1', traceparent, deadline: Date.now() + milliseconds })
export const asked = { params: { id: 'prd_1' }, query: {} }

/** Returns a function that asserts a 503 Problem whose cause, as text, matches. */
export const away = (cause: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Problem, String(error))
  assert.equal(error.status, 503)
  assert.equal(error.detail, 'catalog is not available')
  assert.match(String(error.cause), cause)
  return true
}

export const fail =
  (status: number, headers = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end('{}')

/** Defines hooks that start a new catalog for each test, which answers as the test says. Call it within `describe`. */
export function clientTarget() {
  let server: Awaited<ReturnType<typeof httpServer>>
  let close: () => Promise<void>
  const target = {
    answer: (() => undefined) as RequestListener,
    /** The requests that it has received. */
    requests: [] as IncomingMessage[],
    registry: new Registry(),
    get url() {
      return `${server.url}/api/`
    },
    stop: () => server.stop(),
    connect(limits: Partial<ClientLimits> = {}) {
      const { url, registry } = target
      const made = client(catalog, { url, token: async name => `token-for-${name}`, registry, limits })
      close = made.close
      return made
    },
    async metric(name: string, labels: Record<string, string> = {}) {
      const { values } = await target.registry.getSingleMetric(`bulkhead_client_${name}`)!.get()
      const isMeant = (value: (typeof values)[number]) =>
        Object.entries({ target: 'catalog', ...labels }).every(([key, label]) => value.labels[key] === label)
      return values.filter(isMeant)
    },
    async outcomes() {
      const values = await target.metric('request_duration_seconds')
      const counts = values.filter(value => 'metricName' in value && String(value.metricName).endsWith('_count'))
      const sums: Record<string, number> = {}
      for (const { labels, value } of counts) {
        if (value > 0) sums[labels.outcome!] = (sums[labels.outcome!] ?? 0) + value
      }
      return sums
    }
  }
  beforeEach(async () => {
    target.requests = []
    target.registry = new Registry()
    close = async () => undefined
    target.answer = (_, response) => response.end(JSON.stringify(known))
    server = await httpServer((request, response) => {
      target.requests.push(request)
      target.answer(request, response)
    })
  })
  afterEach(async () => {
    await server.stop()
    await close()
  })
  return target
}
