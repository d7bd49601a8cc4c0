import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { RequestParts } from '@bulkhead/testing/story'
import type { Acknowledged } from '../audit/books.ts'
import type { Ask } from './api.ts'

export const CARDS = {
  approved: '4242424242424242',
  declined: '4000000000000002',
  poor: '4000000000009995',
  authenticated: '4000002500003155'
}

/** The card of each kind of client. All others pay with an approved card. */
const CARD_OF: Record<number, keyof typeof CARDS> = { 3: 'declined', 6: 'poor', 7: 'authenticated', 8: 'authenticated' }

type Options = {
  ask: Ask
  /** Tokens of customers, who order in turns because the orders of one account are limited. */
  customers: string[]
  staff: string
  product: string
  /** The last part of each SKU. */
  suffix: string
  methods: Record<keyof typeof CARDS, string>
  /** The list to which each client adds the answers that it got. */
  acknowledged: Acknowledged[]
}

/** How long a buyer takes to approve at the bank (ms). After this time, the service `orders` usually learns of it from the webhook. */
const AT_BANK = 2_000
/** The time between two reads of an order (ms), and the maximum number of reads. */
const [LOOK, LOOKS] = [200, 300]

/** Returns a function that runs one client of a shop. The client places one order, repeats failed requests, and records the answers. */
export function clients({ ask, customers, staff, product, suffix, methods, acknowledged }: Options) {
  /**
   * Runs one client. The number decides the kind of client. Of ten clients, two cancel, two are declined, two must approve at their bank,
   * one gets a partial refund, and one gets a full refund.
   */
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

  /** Cancels an order when the bank asks for approval. An existing or later authorisation must be voided. */
  async function cancelAtBank(told: Acknowledged, buyer: RequestParts) {
    if (await actionOf(told.id, buyer)) await cancel(told, buyer)
  }

  /** Approves a payment at the bank, as soon as the bank asks for approval. */
  async function approve(id: string, buyer: RequestParts) {
    const action = await actionOf(id, buyer)
    if (!action) return
    await delay(AT_BANK)
    await ask('POST', `/sandbox/payments/${action.id}/authenticate`, { body: { approve: true } })
  }

  /** Waits for the action that the buyer must take at the bank; undefined if the order needs none. */
  async function actionOf(id: string, buyer: RequestParts): Promise<{ id: string } | undefined> {
    for (let look = 0; look < LOOKS; look++, await delay(LOOK)) {
      const { body } = await ask('GET', `/orders/orders/${id}`, buyer)
      if (body.state === 'pending' && body.action) return body.action
      if (body.state !== 'placed') return
    }
  }

  /** Refunds an order once it is paid. */
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
