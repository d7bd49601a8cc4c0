import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sent } from '@bulkhead/testing/story'
import type { Acknowledged } from '../audit/books.ts'
import type { Ask } from './api.ts'

export const CARDS = {
  approved: '4242424242424242',
  declined: '4000000000000002',
  poor: '4000000000009995',
  authenticated: '4000002500003155'
}

/** By kind of client; the others pay with one that is approved. */
const CARD_OF: Record<number, keyof typeof CARDS> = { 3: 'declined', 6: 'poor', 7: 'authenticated', 8: 'authenticated' }

type Options = {
  ask: Ask
  /** Of people who order in turns: how often one account may order is limited. */
  customers: string[]
  staff: string
  product: string
  /** Of SKUs. */
  suffix: string
  methods: Record<keyof typeof CARDS, string>
  /** Gets what each client was told. */
  acknowledged: Acknowledged[]
}

/** Milliseconds that a buyer takes at the bank: by then the webhook is mostly faster than orders with asking again. */
const AT_BANK = 2_000
/** Milliseconds between two looks at an order, and how many. */
const [LOOK, LOOKS] = [200, 300]

/** Returns the clients of a shop: each orders once, whatever it has to repeat, goes on with what it got, and records what it was told. */
export function clients({ ask, customers, staff, product, suffix, methods, acknowledged }: Options) {
  /** The client of a number: of ten, two cancel, two are declined, two are asked by their bank, one is refunded in part and one wholly. */
  async function client(number: number) {
    const key = randomUUID()
    const kind = number % 10
    const card = methods[CARD_OF[kind] ?? 'approved']
    const email = `${key}@faults.example`
    const token = number % 2 ? customers[number % customers.length] : undefined
    const skus = [kind === 5 ? 'RARE' : 'HOT', ...(kind % 2 ? ['MUG'] : []), ...(kind % 3 ? [] : ['CUP'])]
    const lines = skus.map((sku, place) => ({ sku: sku + suffix, quantity: 1 + ((number + place) % 3) }))
    const body = {
      lines: lines.map(line => ({ productId: product, ...line })),
      currency: 'EUR',
      email,
      shippingMethod: 'standard',
      paymentMethod: card,
      deliveryAddress: { name: 'Ada', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' }
    }
    const asked = { token, body, headers: { 'idempotency-key': key } }
    const answer = await ask('POST', '/orders/orders', asked)
    if (answer.status !== 201) throw new Error(`An order got ${answer.status}: ${JSON.stringify(answer.body)}`)
    const { id, total, secret } = answer.body
    const told: Acknowledged = { id, key, email, total, lines }
    acknowledged.push(told)
    const buyer = token ? { token } : { headers: { 'order-secret': secret } }
    if (kind === 1) await cancel(told, buyer)
    if (kind === 7) await cancelAtBank(told, buyer)
    if (kind === 8) await approve(id, buyer)
    if (kind === 2) await refund(told, 100)
    if (kind === 4) await refund(told, total.amount)
  }

  async function cancel(told: Acknowledged, buyer: RequestParts) {
    told.cancelled = (await ask('POST', `/orders/orders/${told.id}/cancel`, buyer)).status
  }

  /** Changes its mind when the bank asks: what is authorised, or about to be, must go. */
  async function cancelAtBank(told: Acknowledged, buyer: RequestParts) {
    if (await actionOf(told.id, buyer)) await cancel(told, buyer)
  }

  /** Approves at the bank, as soon as there is something to approve. */
  async function approve(id: string, buyer: RequestParts) {
    const action = await actionOf(id, buyer)
    if (!action) return
    await delay(AT_BANK)
    await ask('POST', `/sandbox/payments/${action.id}/authenticate`, { body: { approve: true } })
  }

  /** What the buyer of an order has to do at the bank; undefined where it came to something else. */
  async function actionOf(id: string, buyer: RequestParts): Promise<{ id: string } | undefined> {
    for (let look = 0; look < LOOKS; look++, await delay(LOOK)) {
      const { body } = await ask('GET', `/orders/orders/${id}`, buyer)
      if (body.state === 'pending' && body.action) return body.action
      if (body.state !== 'placed') return
    }
  }

  /** Once it is paid. */
  async function refund(told: Acknowledged, amount: number) {
    for (let look = 0; look < LOOKS; look++, await delay(LOOK)) {
      const { body } = await ask('GET', `/orders/orders/${told.id}`, { token: staff })
      if (body.state !== 'captured') continue
      const answer = await ask('POST', `/orders/orders/${told.id}/refunds`, {
        token: staff,
        headers: { 'if-match': `"${body.version}"` },
        body: { amount: { amount, currency: 'EUR' }, reason: 'a scratch' }
      })
      const id = answer.status === 200 ? { id: answer.body.refunds.at(-1).id } : {}
      told.refunded = { status: answer.status, amount, ...id }
      return
    }
  }

  return client
}
