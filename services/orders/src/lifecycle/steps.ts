import type { Client } from '@bulkhead/chassis/client'
import type { Logger } from 'pino'
import type { inventoryNeeds, paymentsNeeds } from '../clients/needs.ts'
import type { Step } from './machine.ts'
import { openRefunds } from './refunds.ts'
import type { Outcome, StoredOrder } from './transitions.ts'

type Calls<C> = Omit<C, 'close'>
export type Inventory = Calls<Client<typeof inventoryNeeds.operations>>
export type Payments = Calls<Client<typeof paymentsNeeds.operations>>
type CallContext = Parameters<Inventory['commit']>[1]

/** Does one step of an order, and tells what became known by it; undefined where nothing did. Rejects where it can't be told. Each may be done again. */
export type Steps = Record<Step, (order: StoredOrder, context: CallContext) => Promise<Outcome | undefined>>

type Reservation = Awaited<ReturnType<Inventory['reserve']>>

/** The steps of an order: what is asked of whom, and what an answer means. */
export function orderSteps(inventory: Inventory, payments: Payments, logger: Pick<Logger, 'warn'>): Steps {
  return {
    async secure(order, context) {
      const { id: orderId, lines, paymentMethod, holder } = order
      const body = { lines: lines.map(({ sku, quantity }) => ({ sku, quantity })), ...holder }
      const held = await inventory.reserve({ params: { orderId }, body }, context)
      if (held.state !== 'held') return notHeld(held, order)
      const paying = { params: { orderId }, body: { method: paymentMethod! } }
      const { state, reason, action } = await payments.pay(paying, context)
      if (state === 'authorised' || state === 'captured') return { known: 'authorised' }
      if (state === 'pending') return { known: 'action-needed', action: action ?? { id: orderId } }
      if (state === 'authorising') return undefined
      return { known: 'declined', reason: reason ?? state }
    },

    async capture(order, context) {
      const params = { orderId: order.id }
      try {
        await payments.capture({ params, body: {} }, context)
      } catch (error) {
        if (isRefusal(error)) return { known: 'capture-refused', reason: 'capture-refused' }
        throw error
      }
      // It is paid, whatever becomes of the rest: what can't be done now is a step of its own.
      const settled = await inventory.commit({ params }, context).then(
        () => true,
        error => {
          logger.warn(
            { err: error, order: order.id },
            'The stock of a paid order could not leave yet and is tried again'
          )
          return false
        }
      )
      return { known: 'captured', settled }
    },

    async settle({ id: orderId }, context) {
      try {
        await inventory.commit({ params: { orderId } }, context)
        return { known: 'settled' }
      } catch (error) {
        if (isRefusal(error)) return { known: 'stock-gone', reason: 'out-of-stock' }
        throw error
      }
    },

    async refund(order, context) {
      const refunds: string[] = []
      const refused: { id: string; reason: string }[] = []
      for (const { id: refundId, amount } of openRefunds(order)) {
        try {
          const params = { orderId: order.id, refundId }
          await payments.refund({ params, body: { amount: amount.amount } }, context)
          refunds.push(refundId)
        } catch (error) {
          if (!isRefusal(error)) throw error
          refused.push({ id: refundId, reason: REFUSALS[error.status] })
        }
      }
      return refused.length > 0 ? { known: 'refund-refused', refunds, refused } : { known: 'repaid', refunds }
    },

    async undo({ id: orderId }, context) {
      const params = { orderId }
      try {
        await payments.void({ params }, context)
      } catch (error) {
        if (isRefusal(error)) return { known: 'captured', settled: false }
        throw error
      }
      await inventory.release({ params }, context)
      return { known: 'undone' }
    }
  }
}

/** What is known of an order whose stock is not held, and what its buyer is told. */
function notHeld({ short, limited, replaced }: Reservation, { placedAt, expiresAt }: StoredOrder): Outcome {
  if (replaced) return { known: 'cancel', reason: `a newer order of yours for ${replaced.join(', ')} took its place` }
  if (!limited) return { known: 'out-of-stock', reason: `short of ${short?.join(', ') ?? 'all'}` }
  // By then every order that holds stock now is paid or has expired.
  const minutes = Math.ceil((expiresAt.getTime() - placedAt.getTime()) / 60_000)
  const cure = `order fewer, pay or cancel an unpaid order, or try again in ${minutes} min`
  return { known: 'out-of-stock', reason: `too much of ${limited.join(', ')} is unpaid from your network: ${cure}` }
}

/** Why payments refuses a refund, by the status of its answer. */
const REFUSALS = { 404: 'no-such-payment', 409: 'refused-by-payments', 422: 'above-capture' }

/** An answer that will be no other when it is asked again: the state of what was asked forbids it, or there is no such thing. */
const isRefusal = (error: unknown): error is { status: keyof typeof REFUSALS } =>
  [404, 409, 422].includes((error as { status?: number }).status ?? 0)
