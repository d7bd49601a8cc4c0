export type Money = { amount: number; currency: string }

export type Line = { sku: string; quantity: number }

/** The answers that a client got: its order with the lines and the price, and the answers to its later requests. */
export type Acknowledged = {
  id: string
  key: string
  email: string
  total: Money
  lines: Line[]
  /** The HTTP status of the answer to its cancellation. */
  cancelled?: number
  /** The HTTP status of the answer to its refund, and the promised refund. */
  refunded?: { status: number; id?: string; amount: number }
}

/** All books, as the APIs show them. */
export type Books = {
  acknowledged: Acknowledged[]
  orders: {
    id: string
    state: string
    email: string
    total: Money
    lines: Line[]
    /** Refunds with `refused` will never be done. */
    refunds: { id: string; amount: Money; reason: string; done: boolean; refused?: boolean }[]
    history: { state: string }[]
  }[]
  reservations: { orderId: string; state: string; lines: Line[] }[]
  stock: { sku: string; available: number; onHand: number; held: number }[]
  /** The pieces that were put into stock, by SKU. */
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
  /** The number of events that no handler could handle, by service. */
  deadLetters: Record<string, number>
  /** The number of waiting background tasks, by kind. Read only if all of them must be done. */
  pending?: Record<string, number>
}

export type Order = Books['orders'][0]

/** True for a refund of a paid order that cannot be delivered. Such a refund pays back the whole remaining amount. */
export const isStockGone = ({ reason }: { reason: string }) => reason === 'out-of-stock'

/** True if an order was ever paid. */
export const wasPaid = ({ history }: Order) => history.some(({ state }) => state === 'captured')

/** True if the pieces of an order must have left the stock. */
export const isDelivered = (order: Order) => wasPaid(order) && !order.refunds.some(isStockGone)

/** True if two lists have the same pieces, in any order. */
export const hasSameLines = (one: Line[], other: Line[]) => piecesOf(one) === piecesOf(other)

export const text = ({ amount, currency }: Money) => `${amount} ${currency}`

export const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0)

const piecesOf = (lines: Line[]) =>
  lines
    .map(({ sku, quantity }) => `${sku} ${quantity}`)
    .sort()
    .join()
