import assert from 'node:assert/strict'
import { audit } from './audit.ts'
import type { Books } from './books.ts'

const EUR = (amount: number) => ({ amount, currency: 'EUR' })

/**
 * Returns books without a mistake: one order is captured, one refunded, one cancelled, one rejected, and one paid back because it was out
 * of stock.
 */
function correctBooks(): Books {
  const lines = [{ sku: 'MUG', quantity: 2 }]
  const order = (id: string, state: string, proxies: string[] = [state]) => ({
    id,
    state,
    email: `${id}@example.com`,
    total: EUR(2_990),
    lines,
    refunds: [],
    history: proxies.map(state => ({ state }))
  })
  const told = (id: string): Books['acknowledged'][0] => ({
    id,
    key: `key of ${id}`,
    email: `${id}@example.com`,
    total: EUR(2_990),
    lines
  })
  const refunds = [{ id: 'rfd_1', amount: EUR(2_990), reason: 'a scratch', done: true }]
  const gone = [{ id: 'rfd_5', amount: EUR(2_990), reason: 'out-of-stock', done: true }]
  const leg = (amount: number) => [
    { account: 'provider', amount },
    { account: 'sales', amount: -amount }
  ]
  return {
    acknowledged: [
      told('ord_1'),
      { ...told('ord_2'), refunded: { status: 200, id: 'rfd_1', amount: 2_990 } },
      { ...told('ord_3'), cancelled: 200 },
      { ...told('ord_5'), cancelled: 409 }
    ],
    orders: [
      order('ord_1', 'captured'),
      { ...order('ord_2', 'refunded', ['captured', 'refunded']), refunds },
      order('ord_3', 'cancelled'),
      order('ord_4', 'rejected'),
      { ...order('ord_5', 'refunded', ['captured', 'refunding', 'refunded']), refunds: gone }
    ],
    reservations: [
      { orderId: 'ord_1', state: 'committed', lines },
      { orderId: 'ord_2', state: 'committed', lines },
      { orderId: 'ord_3', state: 'released', lines },
      { orderId: 'ord_4', state: 'rejected', lines },
      { orderId: 'ord_5', state: 'released', lines }
    ],
    stock: [{ sku: 'MUG', available: 6, onHand: 6, held: 0 }],
    shelved: { MUG: 10 },
    payments: [
      { id: 'pay_1', orderId: 'ord_1', state: 'captured', amount: EUR(2_990), captured: 2_990, refunded: 0 },
      { id: 'pay_2', orderId: 'ord_2', state: 'refunded', amount: EUR(2_990), captured: 2_990, refunded: 2_990 },
      { id: 'pay_3', orderId: 'ord_3', state: 'voided', captured: 0, refunded: 0 },
      { id: 'pay_5', orderId: 'ord_5', state: 'refunded', amount: EUR(2_990), captured: 2_990, refunded: 2_990 }
    ],
    journal: [
      { id: 'jrn_1', paymentId: 'pay_1', kind: 'capture', currency: 'EUR', legs: leg(2_990) },
      { id: 'jrn_2', paymentId: 'pay_2', kind: 'capture', currency: 'EUR', legs: leg(2_990) },
      { id: 'jrn_3', paymentId: 'pay_2', kind: 'refund', currency: 'EUR', legs: leg(-2_990) },
      { id: 'jrn_4', paymentId: 'pay_5', kind: 'capture', currency: 'EUR', legs: leg(2_990) },
      { id: 'jrn_5', paymentId: 'pay_5', kind: 'refund', currency: 'EUR', legs: leg(-2_990) }
    ],
    provider: [
      { id: 'sbx_1', reference: 'pay_1', state: 'captured', amount: EUR(2_990), captured: 2_990, refunds: [] },
      {
        id: 'sbx_2',
        reference: 'pay_2',
        state: 'captured',
        amount: EUR(2_990),
        captured: 2_990,
        refunds: [{ reference: 'rfd_1', amount: 2_990 }]
      },
      { id: 'sbx_3', reference: 'pay_3', state: 'voided', amount: EUR(2_990), captured: 0, refunds: [] },
      {
        id: 'sbx_5',
        reference: 'pay_5',
        state: 'captured',
        amount: EUR(2_990),
        captured: 2_990,
        refunds: [{ reference: 'rfd_5', amount: 2_990 }]
      }
    ],
    deadLetters: { orders: 0 },
    pending: { 'unsent events of orders': 0, 'webhooks of sandbox': 0, 'events.payments for orders': 0 }
  }
}

/** The mistakes that the audit must find, each with the expected finding. */
const mistakes: Record<string, [fault: (books: Books) => void, finding: RegExp]> = {
  'an acknowledged order that is lost': [books => books.orders.shift(), /ord_1 was acknowledged to .* and is missing/],
  'an order with a different price': [
    books => (books.acknowledged[0]!.total = EUR(1)),
    /ord_1 costs 2990 EUR and was acknowledged with 1 EUR/
  ],
  'a client with two orders': [
    books => (books.orders[3]!.email = 'ord_1@example.com'),
    /ord_1@example.com ordered once/
  ],
  'an order that is not finished': [books => (books.orders[2]!.state = 'cancelling'), /ord_3 is still cancelling/],
  'a refund that is not done': [
    books => (books.orders[1]!.refunds[0]!.done = false),
    /ord_2 has refunds that are not done/
  ],
  'a double charge': [
    books => books.provider.push({ ...books.provider[0]!, id: 'sbx_9' }),
    /ord_1 is captured and was charged 2 times/
  ],
  'a charge of a cancelled order': [
    books => (books.provider[2]!.captured = 2_990),
    /ord_3 is cancelled and was charged 1 times/
  ],
  'a captured order that was never charged': [
    books => books.provider.shift(),
    /ord_1 is captured and was charged 0 times/
  ],
  'a charge of a wrong amount': [
    books => (books.provider[0]!.captured = 2_991),
    /costs 2990 EUR and was charged 2991 EUR/
  ],
  'a charge in a wrong currency': [books => (books.provider[0]!.amount.currency = 'USD'), /was charged 2990 USD/],
  'a refund that the provider does not know': [
    books => (books.provider[1]!.refunds = []),
    /the provider paid back another sum/
  ],
  'a refund that was paid twice': [
    books => books.provider[1]!.refunds.push({ reference: 'x', amount: 1 }),
    /paid back another sum/
  ],
  'an authorisation that was not voided': [
    books => (books.provider[2]!.state = 'authorised'),
    /ord_3 is finished and still authorised at the provider/
  ],
  'a capture missing in payments': [
    books => (books.payments[0]!.captured = 0),
    /ord_1 has 0 captured in the book of payments/
  ],
  'a payment that is not finished': [
    books => (books.payments[2]!.state = 'authorising'),
    /ord_3 is finished and its payment is authorising/
  ],
  'a refund missing in payments': [
    books => (books.payments[1]!.refunded = 0),
    /ord_2 has 0 refunded in the book of payments/
  ],
  'a refund of less than the books say': [
    books => (books.orders[1]!.refunds[0]!.amount = EUR(1)),
    /ord_2 is refunded, but only 1/
  ],
  'stock that is still held': [
    books => (books.reservations[2]!.state = 'held'),
    /ord_3 is cancelled and its reservation is held/
  ],
  'stock that did not leave': [
    books => (books.reservations[0]!.state = 'released'),
    /ord_1 is captured and its reservation is released/
  ],
  'stock that is missing': [books => (books.stock[0]!.onHand = 5), /MUG has 5 on hand: 10 were added and 4 sold/],
  'a held quantity without an open order': [
    books => Object.assign(books.stock[0]!, { held: 2, available: 4 }),
    /MUG has 2 held/
  ],
  'stock below zero': [books => (books.stock[0]!.available = -1), /MUG is below zero/],
  'a movement that does not balance': [books => (books.journal[0]!.legs[0]!.amount = 1), /jrn_1 does not balance/],
  'a movement that is missing': [books => books.journal.shift(), /pay_1 captured 2990, its journal has 0/],
  'a movement that is booked twice': [
    books => books.journal.push(books.journal[2]!),
    /pay_2 refunded 2990, its journal has 5980/
  ],
  'a payment without an order': [books => (books.payments[2]!.orderId = 'ord_9'), /pay_3 belongs to no order/],
  'a reservation without an order': [
    books => (books.reservations[0]!.orderId = 'ord_9'),
    /the reservation of ord_9 belongs to no order/
  ],
  'a charge without a payment': [
    books => (books.provider[2]!.reference = 'pay_9'),
    /the provider's sbx_3 belongs to no payment/
  ],
  'an event that no handler could handle': [books => (books.deadLetters.orders = 1), /orders has 1 dead letters/],
  'an order with quantities that differ from its acknowledgement': [
    books => (books.orders[0]!.lines = [{ sku: 'MUG', quantity: 3 }]),
    /ord_1 has other lines than were acknowledged/
  ],
  'a reservation with more pieces than the order': [
    books => (books.reservations[0]!.lines = [{ sku: 'MUG', quantity: 3 }]),
    /ord_1 reserved other lines/
  ],
  'stock and a reservation that both have more pieces than the order': [
    books => {
      books.reservations[0]!.lines = [{ sku: 'MUG', quantity: 3 }]
      Object.assign(books.stock[0]!, { onHand: 5, available: 5 })
    },
    /MUG has 5 on hand: 10 were added and 4 sold/
  ],
  'a refunded order whose stock never left': [
    books => {
      books.reservations[1]!.state = 'released'
      Object.assign(books.stock[0]!, { onHand: 8, available: 8 })
    },
    /ord_2 is refunded and its reservation is released/
  ],
  'stock that left although its order was paid back': [
    books => (books.reservations[4]!.state = 'committed'),
    /ord_5 is refunded and its reservation is committed/
  ],
  'a confirmed cancellation of an order that was paid': [
    books => (books.acknowledged[0]!.cancelled = 200),
    /ord_1: its cancellation was answered 200, and it is captured/
  ],
  'a refused cancellation that was done': [
    books => (books.acknowledged[2]!.cancelled = 409),
    /ord_3: its cancellation was answered 409, and it is cancelled/
  ],
  'a cancellation with an unexpected answer': [
    books => (books.acknowledged[2]!.cancelled = 404),
    /ord_3: its cancellation was answered 404/
  ],
  'a promised refund that is missing in the order': [
    books => (books.acknowledged[0]!.refunded = { status: 200, id: 'rfd_9', amount: 100 }),
    /ord_1 was promised a refund of 100 and did not get it/
  ],
  'a promised refund that the provider paid with a different reference': [
    books => (books.provider[1]!.refunds[0]!.reference = 'rfd_9'),
    /ord_2 was promised a refund of 2990 and did not get it/
  ],
  'a refund that was paid although the order says that it was refused': [
    books => Object.assign(books.orders[1]!.refunds[0]!, { done: false, refused: true }),
    /ord_2 was promised a refund of 2990 and did not get it/
  ],
  'a refund with an unexpected answer': [
    books => (books.acknowledged[1]!.refunded!.status = 404),
    /ord_2: its refund was answered 404/
  ],
  'a refund that is done twice': [
    books => books.orders[1]!.refunds.push({ ...books.orders[1]!.refunds[0]!, id: 'rfd_9' }),
    /ord_2 has 2 requested refunds/
  ],
  'a refund that no client requested': [
    books => void delete books.acknowledged[1]!.refunded,
    /ord_2 has 1 requested refunds/
  ],
  'events that a consumer did not handle': [
    books => (books.pending!['events.payments for orders'] = 2),
    /2 still waiting: events.payments for orders/
  ],
  'events that were never sent': [
    books => (books.pending!['unsent events of orders'] = 1),
    /1 still waiting: unsent events of orders/
  ],
  'webhooks that were never accepted': [
    books => (books.pending!['webhooks of sandbox'] = 1),
    /1 still waiting: webhooks of sandbox/
  ]
}

describe('the audit of orders', () => {
  it('finds nothing in correct books', () => assert.deepEqual(audit(correctBooks()), []))

  it('accepts a refused refund if the order says so', () => {
    const books = correctBooks()
    const [order] = books.orders
    books.acknowledged[0]!.refunded = { status: 200, id: 'rfd_0', amount: 100 }
    order!.refunds = [{ id: 'rfd_0', amount: EUR(100), reason: 'a scratch', done: false, refused: true }]
    assert.deepEqual(audit(books), [])
  })

  for (const [what, [makeMistake, finding]] of Object.entries(mistakes)) {
    it(`reports ${what}`, () => {
      const books = correctBooks()
      makeMistake(books)
      assert.ok(
        audit(books).some(line => finding.test(line)),
        audit(books).join('\n') || 'It found nothing'
      )
    })
  }
})
