import type { CallContext } from '@bulkhead/chassis/client'
import type { Logger } from 'pino'
import type { Inventory, Reservation } from '../clients/inventory.ts'
import type { Payments } from '../clients/payments.ts'
import type { StoredOrder } from '../orders/store.ts'
import type { Outcome } from './changes.ts'
import type { Step } from './machine.ts'
import { openRefunds } from './refunds.ts'

/**
 * Runs each step of an order. Resolves with undefined if the outcome is not known yet. Rejects if the step failed. Steps are idempotent.
 */
export type Steps = Record<Step, (order: StoredOrder, context: CallContext) => Promise<Outcome | undefined>>

/** Returns the steps of an order. Each step makes its calls and turns their answers into an outcome. */
export function orderSteps(inventory: Inventory, payments: Payments, log: Pick<Logger, 'warn'>): Steps {
  return {
    async secure(order, context) {
      const { id: orderId, lines, paymentMethod, holder } = order
      const body = { lines: lines.map(({ sku, quantity }) => ({ sku, quantity })), ...holder }
      const held = await inventory.reserve({ params: { orderId }, body }, context)
      if (held.state !== 'held') return outcomeOfNoHold(held, order)
      const paying = { params: { orderId }, body: { method: paymentMethod! } }
      const { state, reason, action } = await payments.pay(paying, context)
      if (state === 'authorised' || state === 'captured') return { type: 'authorised' }
      if (state === 'pending') return { type: 'action-needed', action: action ?? { id: orderId } }
      if (state === 'authorising') return undefined
      return { type: 'declined', reason: reason ?? state }
    },

    async capture(order, context) {
      const params = { orderId: order.id }
      try {
        await payments.capture({ params, body: {} }, context)
      } catch (error) {
        if (isRefusal(error)) return { type: 'capture-refused', reason: 'capture-refused' }
        throw error
      }
      // The order is paid now. If its stock can't leave yet, the step `settle` tries again.
      const settled = await inventory.commit({ params }, context).then(
        () => true,
        error => {
          log.warn(
            { err: error, order: order.id },
            'The stock of a paid order could not leave. The step settle tries again'
          )
          return false
        }
      )
      return { type: 'captured', settled }
    },

    async settle({ id: orderId }, context) {
      try {
        await inventory.commit({ params: { orderId } }, context)
        return { type: 'settled' }
      } catch (error) {
        if (isRefusal(error)) return { type: 'stock-gone', reason: 'out-of-stock' }
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
      return refused.length > 0 ? { type: 'refund-refused', refunds, refused } : { type: 'repaid', refunds }
    },

    async undo({ id: orderId }, context) {
      const params = { orderId }
      try {
        await payments.void({ params }, context)
      } catch (error) {
        if (isRefusal(error)) return { type: 'captured', settled: false }
        throw error
      }
      await inventory.release({ params }, context)
      return { type: 'undone' }
    }
  }
}

/** Returns the outcome of a reservation that is not held. Its reason is a text for the buyer. */
function outcomeOfNoHold({ short, limited, replaced }: Reservation, { placedAt, expiresAt }: StoredOrder): Outcome {
  if (replaced) return { type: 'cancel', reason: `a newer order of yours for ${replaced.join(', ')} took its place` }
  if (!limited) return { type: 'out-of-stock', reason: `short of ${short?.join(', ') ?? 'all'}` }
  // After this time, every order that holds stock now is paid or has expired.
  const minutes = Math.ceil((expiresAt.getTime() - placedAt.getTime()) / 60_000)
  const cure = `order fewer, pay or cancel an unpaid order, or try again in ${minutes} min`
  return { type: 'out-of-stock', reason: `too much of ${limited.join(', ')} is unpaid from your network: ${cure}` }
}

/** The reasons of refused refunds, by the status that payments answers. */
const REFUSALS = { 404: 'no-such-payment', 409: 'refused-by-payments', 422: 'above-capture' }

/** Returns true for an answer that a repeated request would get again. */
const isRefusal = (error: unknown): error is { status: keyof typeof REFUSALS } =>
  [404, 409, 422].includes((error as { status?: number }).status ?? 0)
