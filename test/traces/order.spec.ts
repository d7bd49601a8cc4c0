import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { localShop } from '../../packages/cli/src/services/shop.ts'
import { readStack } from '../../packages/cli/src/services/stack.ts'
import { askGateway } from '../../packages/cli/src/smoke/ask.ts'
import { findInLogs } from '../../packages/cli/src/traces/log-traces.ts'
import type { Ask } from '../../packages/testing/src/story.ts'
import { until } from '../../packages/testing/src/until.ts'
import { newOrder } from '../../services/orders/test/new-order.ts'
import { type Backend, type StoredSpan, startJaeger, startReceiver } from './backends.ts'

const CARDS = { approved: '4242424242424242', authenticated: '4000002500003155' }
/** The spans of an order that is placed and paid. */
const PATH = [
  'gateway: placeOrder',
  'gateway: orders.placeOrder',
  'orders: placeOrder',
  'catalog: listOffers',
  'orders: insert orders',
  'orders: drive order',
  'inventory: reserve',
  'payments: putPayment',
  'sandbox: createPayment',
  'payments: capturePayment',
  'payments: insert journal',
  'inventory: commit',
  'orders: send orders.order.captured'
]
const root = join(import.meta.dirname, '../..')
const portBase = Number(process.env.TRACES_PORT_BASE ?? 17_000)
const stack = readStack(root, portBase)

/** Runs a command of `bulkhead` on the stack of this test, and returns its output. */
async function bulkhead(args: string[], environment: Record<string, string> = {}): Promise<string> {
  const env = { ...process.env, ...environment, PORT_BASE: String(portBase), MONGODB_URL: '', REDIS_URL: '' }
  const program = join(root, 'packages/cli/bin/bulkhead.js')
  return (await promisify(execFile)(process.execPath, [program, ...args], { env, timeout: 170_000 })).stdout
}

describe('the trace of an order', () => {
  let backend: Backend
  let ask: Ask
  let product: { id: string; sku: string }

  before(async () => {
    backend = (await startJaeger(portBase)) ?? (await withoutJaeger())
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint, OTEL_TRACES_SAMPLER_ARG: '1' }
    await bulkhead(['up', '--detach'], variables)
    ask = askGateway(localShop(stack))
    product = await publishProduct()
  })
  after(async () => {
    await bulkhead(['down'])
    await bulkhead(['reset'])
    await backend?.stop()
  })

  function withoutJaeger() {
    console.log(
      '    Jaeger is not built, so the spans go to a receiver of this test. To build it: k8s/local/build.sh jaeger'
    )
    return startReceiver()
  }

  async function publishProduct() {
    const sku = `traced-${randomUUID()}`
    const body = { handle: sku, title: 'Traced', variants: [{ sku, prices: [{ amount: 1250, currency: 'EUR' }] }] }
    const made = await ask(201, 'POST', '/api/v1/catalog/products', { as: 'staff', body })
    const headers = { 'if-match': made.etag }
    await ask(200, 'POST', `/api/v1/catalog/products/${made.body.id}/publish`, { as: 'staff', headers })
    const stock = { change: 10, reason: 'received' }
    await ask(201, 'POST', `/api/v1/inventory/stock/${sku}/adjustments`, { as: 'staff', body: stock })
    return { id: made.body.id as string, sku }
  }

  /** Places an order as the demo customer. Returns the order's ID, and the trace ID that the log has for it. */
  async function place(number: string) {
    const card = { number, expiry: { month: 12, year: 2034 }, cvc: '123' }
    const method = (await ask(201, 'POST', '/api/v1/sandbox/payment-methods', { body: card })).body.id
    const body = newOrder({ productId: product.id, sku: product.sku, quantity: 1 }, method)
    const headers = { 'idempotency-key': randomUUID() }
    const { id } = (await ask(201, 'POST', '/api/v1/orders/orders', { as: 'customer', headers, body })).body
    const found = await findInLogs(stack, id)
    assert.ok('traceId' in found)
    return { id: id as string, traceId: found.traceId }
  }

  async function read(id: string) {
    return (await ask(200, 'GET', `/api/v1/orders/orders/${id}`, { as: 'customer' })).body
  }

  /**
   * Waits until an order is captured and the backend has these spans of a trace, each as `service: name`, and the parents of all spans but
   * one. Each service sends its spans by itself, so they come in any order. Fails with those that are missing.
   */
  async function wholeTrace(traceId: string, wanted: string[]): Promise<StoredSpan[]> {
    let spans: StoredSpan[] = []
    let missing: string[] = []
    const read = async () => {
      spans = await backend.spansOf(traceId)
      const names = new Set(spans.map(nameOf))
      const ids = new Set(spans.map(({ spanId }) => spanId))
      const roots = spans.filter(({ parentId }) => parentId === undefined || !ids.has(parentId)).map(nameOf)
      missing = [...wanted.filter(name => !names.has(name)), ...roots.slice(1).map(name => `the parent of ${name}`)]
      return missing.length === 0
    }
    await until(read).catch(() => assert.deepEqual(missing, []))
    return spans
  }

  const nameOf = ({ service, name }: StoredSpan) => `${service}: ${name}`
  const isCaptured = async ({ id }: { id: string }) => (await read(id)).state === 'captured'
  const drivesIn = (spans: StoredSpan[]) => spans.filter(span => nameOf(span) === 'orders: drive order')

  it('leads from the gateway to the captured payment and its event, without a gap', async () => {
    const { traceId } = await place(CARDS.approved)
    const spans = await wholeTrace(traceId, PATH)
    const [first] = spans.filter(({ parentId }) => parentId === undefined)
    assert.equal(nameOf(first!), 'gateway: placeOrder')
  })

  it('has a link through the event log to the event that let it go on', async () => {
    const order = await place(CARDS.authenticated)
    await until(async () => (await read(order.id)).state === 'pending')
    // Each look at the payment doubles the pause before the next one. After five, the event comes first.
    await until(async () => drivesIn(await backend.spansOf(order.traceId)).length >= 5)
    const { action } = await read(order.id)
    await ask(200, 'POST', `/api/v1/sandbox/payments/${action.id}/authenticate`, { body: { approve: true } })
    await until(() => isCaptured(order))
    const spans = await wholeTrace(order.traceId, PATH)
    const link = drivesIn(spans)
      .flatMap(({ links }) => links)
      .find(({ traceId }) => traceId !== order.traceId)
    assert.ok(link?.traceId, 'no step of the order links to another trace')
    const cause = await wholeTrace(link.traceId, ['payments: receiveWebhook'])
    const handled = cause.find(({ spanId }) => spanId === link.spanId)!
    const sent = cause.find(({ spanId }) => spanId === handled.parentId)!
    assert.deepEqual([sent, handled].map(nameOf), [
      'payments: send payments.payment.settled',
      'orders: process payments.payment.settled'
    ])
    assert.ok(handled.links.some(({ spanId }) => spanId === sent.spanId))
  })

  it('is what `bulkhead trace` prints for the order', async () => {
    const order = await place(CARDS.approved)
    await wholeTrace(order.traceId, PATH)
    const text = await bulkhead(['trace', order.id])
    assert.match(text, new RegExp(`^trace ${order.traceId}, `))
    for (const line of [/^gateway placeOrder .* 201$/m, /^ *payments capturePayment .* 200$/m]) assert.match(text, line)
    if (backend.jaegerUrl) assert.match(text, /^ +orders ⇢ send orders\.order\.captured /m)
  })
})
