import { setTimeout as delay } from 'node:timers/promises'
import { withEventLog } from '../../../packages/cli/src/event-log/event-log-connection.ts'
import { customerTokens } from '../../../packages/cli/src/tokens/test-tokens.ts'
import { demoToken } from '../../../packages/cli/src/tokens/tokens.ts'
import type { Acknowledged, Books } from '../audit/books.ts'
import { type Ask, all, patientApi } from './api.ts'
import { CARDS, clients } from './clients.ts'
import { pendingOf } from './pending.ts'
import type { Testbed } from './testbed.ts'

/** The stock of each SKU: more than the orders need, except for `RARE`. */
const SHELF: Record<string, number> = { HOT: 100_000, MUG: 100_000, CUP: 100_000, RARE: 40 }
const PRICE = { amount: 1_250, currency: 'EUR' }
/** The number of customers. There are many, because the orders of one account are limited. */
const CUSTOMERS = 100
/**
 * How long it may take until all orders are finished (ms). Another replica continues the order of a killed process after half a minute, and
 * may then be affected by the next fault.
 */
const REST_MS = 150_000

const OPEN_STATES = ['placed', 'pending', 'capturing', 'refunding', 'rejecting', 'declining', 'cancelling', 'expiring']

export type Shop = Awaited<ReturnType<typeof openShop>>

/** The options of a shop. */
export type ShopOptions = {
  gateway: string
  /** The tokens of customers. */
  customers: string[]
  staff: string
  /** Reads the number of events that no handler could handle, by service. */
  deadLetters: () => Promise<Record<string, number>>
  /** Counts the waiting background tasks, by kind. Undefined if they cannot be read. */
  pending?: () => Promise<Record<string, number>>
  /** The last part of SKUs and handles, which makes them unique in a shared installation. */
  suffix: string
}

/** Returns the options of a shop on an empty testbed. */
export const shopOptionsOf = async (testbed: Testbed): Promise<ShopOptions> => ({
  gateway: testbed.gateway,
  customers: await customerTokens(testbed.stack, CUSTOMERS),
  staff: demoToken(testbed.stack, 'staff'),
  deadLetters: () => deadLettersOf(testbed),
  pending: () => pendingOf(testbed),
  suffix: ''
})

/** Opens a shop with its own product, stock, clients and books. */
export async function openShop({ gateway, customers, staff, deadLetters, pending, suffix }: ShopOptions) {
  const ask = patientApi(gateway)
  const shelf = Object.fromEntries(Object.entries(SHELF).map(([sku, count]) => [sku + suffix, count]))
  const product = await stockShelf(ask, staff, shelf, suffix)
  const methods = await paymentMethods(ask)
  const acknowledged: Acknowledged[] = []

  const client = clients({ ask, customers, staff, product, suffix, methods, acknowledged })

  async function hasOpenOrders() {
    const asked = OPEN_STATES.map(state => ask('GET', `/orders/orders?limit=1&state=${state}`, { token: staff }))
    return (await Promise.all(asked)).some(({ body }) => body.items.length > 0)
  }

  /** Reads the books; with `withPending`, also the number of waiting background tasks. */
  async function books(withPending = false): Promise<Books> {
    const of = <T>(path: string) => all<T>(ask, path, staff)
    const [orders, reservations, stock, payments, journal, provider, dead, waiting] = await Promise.all([
      of<Books['orders'][0]>('/orders/orders'),
      of<Books['reservations'][0]>('/inventory/reservations'),
      of<Books['stock'][0]>('/inventory/stock'),
      of<Books['payments'][0]>('/payments/payments'),
      of<Books['journal'][0]>('/payments/journal'),
      of<Books['provider'][0]>('/sandbox/payments'),
      deadLetters(),
      withPending ? pending?.() : undefined
    ])
    return {
      acknowledged,
      orders,
      reservations,
      stock,
      shelved: shelf,
      payments,
      journal,
      provider,
      deadLetters: dead,
      ...(waiting && { pending: waiting })
    }
  }

  return {
    acknowledged,
    /** Runs `count` clients, `together` at a time. Resolves when all clients have their answers. */
    async storm(count: number, together = 6) {
      let next = 0
      const one = async () => {
        while (next < count) await client(next++)
      }
      await Promise.all(Array.from({ length: together }, one))
    },
    books,
    /** Reads the books until `isAtRest` accepts them, or until the time limit. Resolves with the last books. */
    async booksAtRest(isAtRest: (books: Books) => boolean, withPending = false): Promise<Books> {
      const limit = Date.now() + REST_MS
      // The books grow with each fault, so they are read only when no order is open any more.
      while (Date.now() < limit && (await hasOpenOrders())) await delay(250)
      for (;;) {
        const now = await books(withPending)
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

const deadLettersOf = ({ stack }: Testbed) =>
  withEventLog(stack, async redis => {
    const counts = stack.services.map(async ({ name }) => [name, await redis.xlen(`events.${name}.dead`)] as const)
    return Object.fromEntries(await Promise.all(counts))
  })
