import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Role } from '../../packages/cli/src/development-keys.ts'
import { withEventLog } from '../../packages/cli/src/event-log-connection.ts'
import { demoToken } from '../../packages/cli/src/tokens.ts'
import { type Ask, all, patientApi } from './api.ts'
import type { Acknowledged, Books } from './audit.ts'
import type { Ground } from './ground.ts'

const CARDS = {
  approved: '4242424242424242',
  declined: '4000000000000002',
  poor: '4000000000009995',
  authenticated: '4000002500003155'
}

/** By SKU, what is put on the shelf: enough for all of some, and of one less than is asked for. */
const SHELF: Record<string, number> = { HOT: 100_000, MUG: 100_000, CUP: 100_000, RARE: 40 }
const PRICE = { amount: 1_250, currency: 'EUR' }
/** An order that was left by a killed process is found half a minute later, and may meet the next fault. */
const REST_MS = 150_000

const OPEN_STATES = [
  ...['placed', 'pending', 'capturing', 'refunding'],
  ...['rejecting', 'declining', 'cancelling', 'expiring']
]

export type Shop = Awaited<ReturnType<typeof openShop>>

/** Where a shop is opened. */
export type Place = {
  gateway: string
  tokens: Record<Role, string>
  /** Events that could not be handled, by service. */
  deadLetters: () => Promise<Record<string, number>>
  /** Of SKUs and handles, where there may be others already. */
  suffix: string
}

/** A stack of one's own, with nothing in it. */
export const placeOf = (ground: Ground): Place => ({
  gateway: ground.gateway,
  tokens: { customer: demoToken(ground.stack, 'customer'), staff: demoToken(ground.stack, 'staff') },
  deadLetters: () => deadLettersOf(ground),
  suffix: ''
})

/** A shop with a catalogue and a stock of its own, its clients, and its books. */
export async function openShop({ gateway, tokens: { staff, customer }, deadLetters, suffix }: Place) {
  const ask = patientApi(gateway)
  const shelf = Object.fromEntries(Object.entries(SHELF).map(([sku, count]) => [sku + suffix, count]))
  const product = await stockShelf(ask, staff, shelf, suffix)
  const methods = await paymentMethods(ask)
  const acknowledged: Acknowledged[] = []

  /** One client: orders once, whatever it has to repeat, and goes on with what it got. */
  async function client(number: number) {
    const key = randomUUID()
    const kind = number % 10
    const card =
      kind === 3 ? methods.declined : kind === 6 ? methods.poor : kind === 8 ? methods.authenticated : methods.approved
    const email = `${key}@faults.example`
    const token = number % 2 ? customer : undefined
    const skus = [kind === 5 ? 'RARE' : 'HOT', ...(kind % 2 ? ['MUG'] : []), ...(kind % 3 ? [] : ['CUP'])]
    const body = {
      lines: skus.map((sku, place) => ({
        productId: product,
        sku: sku + suffix,
        quantity: 1 + ((number + place) % 3)
      })),
      ...{ currency: 'EUR', email, shippingMethod: 'standard', paymentMethod: card },
      deliveryAddress: { name: 'Ada', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' }
    }
    const asked = { ...(token && { token }), body, headers: { 'idempotency-key': key } }
    const answer = await ask('POST', '/orders/orders', asked)
    if (answer.status !== 201) throw new Error(`An order got ${answer.status}: ${JSON.stringify(answer.body)}`)
    const { id, total } = answer.body
    acknowledged.push({ id, key, email, total })
    if (kind === 1) await ask('POST', `/orders/orders/${id}/cancel`, token ? { token } : {})
    if (kind === 8) await approve(id, token)
    if (kind === 2) await refund(id)
  }

  /** What the buyer does at the bank, as soon as there is something to do. */
  async function approve(id: string, token: string | undefined) {
    for (let attempt = 0; attempt < 300; attempt++, await delay(200)) {
      const { body } = await ask('GET', `/orders/orders/${id}`, token ? { token } : {})
      if (body.state === 'pending' && body.action) {
        return void (await ask('POST', `/sandbox/payments/${body.action.id}/authenticate`, { body: { approve: true } }))
      }
      if (body.state !== 'placed') return
    }
  }

  /** A part of it, once it is paid. */
  async function refund(id: string) {
    for (let attempt = 0; attempt < 300; attempt++, await delay(200)) {
      const { body } = await ask('GET', `/orders/orders/${id}`, { token: staff })
      if (body.state === 'captured') {
        const headers = { 'if-match': `"${body.version}"` }
        return void (await ask('POST', `/orders/orders/${id}/refunds`, {
          ...{ token: staff, headers },
          body: { amount: { amount: 100, currency: 'EUR' }, reason: 'a scratch' }
        }))
      }
    }
  }

  async function hasOpenOrders() {
    const asked = OPEN_STATES.map(state => ask('GET', `/orders/orders?limit=1&state=${state}`, { token: staff }))
    return (await Promise.all(asked)).some(({ body }) => body.items.length > 0)
  }

  /** The books as they are now. */
  async function books(): Promise<Books> {
    const of = <T>(path: string) => all<T>(ask, path, staff)
    const [orders, reservations, stock, payments, journal, provider, dead] = await Promise.all([
      of<Books['orders'][0]>('/orders/orders'),
      of<Books['reservations'][0]>('/inventory/reservations'),
      of<Books['stock'][0]>('/inventory/stock'),
      of<Books['payments'][0]>('/payments/payments'),
      of<Books['journal'][0]>('/payments/journal'),
      of<Books['provider'][0]>('/sandbox/payments'),
      deadLetters()
    ])
    return { acknowledged, orders, reservations, stock, shelved: shelf, payments, journal, provider, deadLetters: dead }
  }

  return {
    acknowledged,
    /** `count` clients, `together` at a time. Resolves when each has its answer. */
    async storm(count: number, together = 6) {
      let next = 0
      const one = async () => {
        while (next < count) await client(next++)
      }
      await Promise.all(Array.from({ length: together }, one))
    },
    books,
    /** The books, once `isAtRest` says so of them, or as they are when that takes too long. */
    async booksAtRest(isAtRest: (books: Books) => boolean): Promise<Books> {
      const limit = Date.now() + REST_MS
      // The books grow with each fault: read whole only once there is a chance that they are at rest.
      while (Date.now() < limit && (await hasOpenOrders())) await delay(250)
      for (;;) {
        const now = await books()
        if (isAtRest(now) || Date.now() > limit) return now
        await delay(1_000)
      }
    },
    setWebhooks: (behaviour: object) => ask('PUT', '/sandbox/webhook-behaviour', { token: staff, body: behaviour })
  }
}

async function stockShelf(ask: Ask, token: string, shelf: Record<string, number>, suffix: string): Promise<string> {
  const variants = Object.keys(shelf).map(sku => ({ sku, options: { Kind: sku }, prices: [PRICE] }))
  const options = [{ name: 'Kind', values: Object.keys(shelf) }]
  const body = { handle: `faults${suffix}`, title: 'Faults', options, variants }
  const made = await ask('POST', '/catalog/products', { token, body })
  const headers = { 'if-match': made.etag! }
  await ask('POST', `/catalog/products/${made.body.id}/publish`, { token, headers })
  for (const [sku, change] of Object.entries(shelf)) {
    const asked = { token, headers: { 'idempotency-key': `shelf-${sku}` }, body: { change, reason: 'received' } }
    const { status } = await ask('POST', `/inventory/stock/${sku}/adjustments`, asked)
    if (status !== 201) throw new Error(`The shelf of ${sku} answers ${status}`)
  }
  return made.body.id
}

async function paymentMethods(ask: Ask) {
  const made = Object.entries(CARDS).map(async ([name, number]) => {
    const card = { number, expiry: { month: 12, year: 2034 }, cvc: '123' }
    return [name, (await ask('POST', '/sandbox/payment-methods', { body: card })).body.id as string] as const
  })
  return Object.fromEntries(await Promise.all(made)) as Record<keyof typeof CARDS, string>
}

const deadLettersOf = ({ stack }: Ground) =>
  withEventLog(stack, async redis => {
    const counts = stack.services.map(async ({ name }) => [name, await redis.xlen(`events.${name}.dead`)] as const)
    return Object.fromEntries(await Promise.all(counts))
  })
