export type Money = { amount: number; currency: string }

export type Line = { sku: string; quantity: number }

/** What a client was told: the order of its key, of what, what it is to cost, and what it asked of it since. */
export type Acknowledged = {
  id: string
  key: string
  email: string
  total: Money
  lines: Line[]
  /** The HTTP status that its cancelling was answered with. */
  cancelled?: number
  /** The same of its refund, and the refund that was promised. */
  refunded?: { status: number; id?: string; amount: number }
}

/** All books, as they are read from outside. */
export type Books = {
  acknowledged: Acknowledged[]
  orders: {
    id: string
    state: string
    email: string
    total: Money
    lines: Line[]
    /** `refused` are those that were refused for good, and are never done. */
    refunds: { id: string; amount: Money; reason: string; done: boolean; refused?: boolean }[]
    history: { state: string }[]
  }[]
  reservations: { orderId: string; state: string; lines: Line[] }[]
  stock: { sku: string; available: number; onHand: number; held: number }[]
  /** What was put on the shelf, by SKU. */
  shelved: Record<string, number>
  payments: { id: string; orderId: string; state: string; amount?: Money; captured: number; refunded: number }[]
  journal: {
    id: string
    paymentId: string
    kind: string
    currency: string
    legs: { account: string; amount: number }[]
  }[]
  provider: {
    id: string
    reference: string
    state: string
    amount: Money
    captured: number
    refunds: { reference: string; amount: number }[]
  }[]
  /** Events that could not be handled, by service. */
  deadLetters: Record<string, number>
  /** What waits to be done in the background, by what it is. Not read at all where that is not to be over. */
  pending?: Record<string, number>
}

export type Order = Books['orders'][0]

/** The proxies of books to say that a paid order can't be delivered: all that is left of its money goes back. */
export const isStockGone = ({ reason }: { reason: string }) => reason === 'out-of-stock'

/** Whether an order was paid, whatever became of it then. */
export const wasPaid = ({ history }: Order) => history.some(({ state }) => state === 'captured')

/** Whether the stock of an order must have left. */
export const isDelivered = (order: Order) => wasPaid(order) && !order.refunds.some(isStockGone)

/** Whether two lists are of the same pieces, in whatever order. */
export const hasSameLines = (one: Line[], other: Line[]) => piecesOf(one) === piecesOf(other)

export const text = ({ amount, currency }: Money) => `${amount} ${currency}`

export const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0)

const piecesOf = (lines: Line[]) =>
  lines
    .map(({ sku, quantity }) => `${sku} ${quantity}`)
    .sort()
    .join()
