import type { Client } from '@bulkhead/chassis/client'
import { defineNeed, needs } from '@bulkhead/chassis/contract'
import * as z from 'zod'

const params = z.object({ orderId: z.string() })

const payment = z.object({
  state: z.enum(['authorising', 'pending', 'authorised', 'declined', 'captured', 'voided', 'refunded']),
  reason: z.string().optional(),
  action: z.object({ id: z.string(), url: z.string().optional() }).optional()
})

/**
 * Authorises, captures, voids and refunds the payment of an order. The order's ID names the payment, so each request can be repeated.
 * Payments asks orders for the amount.
 */
export const paymentsNeeds = needs('payments', {
  pay: defineNeed({
    operation: 'putPayment',
    method: 'put',
    path: '/payments/{orderId}',
    params,
    body: z.object({ method: z.string() }),
    reads: payment
  }),
  capture: defineNeed({
    operation: 'capturePayment',
    method: 'put',
    path: '/payments/{orderId}/capture',
    params,
    body: z.object({}),
    reads: payment
  }),
  void: defineNeed({
    operation: 'voidPayment',
    method: 'put',
    path: '/payments/{orderId}/void',
    params,
    reads: payment
  }),
  refund: defineNeed({
    operation: 'putRefund',
    method: 'put',
    path: '/payments/{orderId}/refunds/{refundId}',
    params: z.object({ orderId: z.string(), refundId: z.string() }),
    body: z.object({ amount: z.int() }),
    reads: payment
  })
})

/** `timeout` (ms) is longer than payments waits for its provider. */
export const paymentsLimits = { timeout: 6_000 }

export type Payments = Client<typeof paymentsNeeds.operations>

/** Returns the ID of the order that a payment belongs to. Both IDs differ only in their prefix. */
export const orderOfPayment = (paymentId: string) => paymentId.replace(/^pay_/, 'ord_')
