import { defineNeed, needs } from '@bulkhead/chassis/contract'
import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

const offer = z.object({
  productId: z.string(),
  sku: z.string(),
  title: z.string(),
  variant: z.object({ price: moneySchema.optional(), taxable: z.boolean(), requiresShipping: z.boolean() }).optional()
})

/** A line's product in the shop and its variant, as far as an order needs them. */
export type Offer = z.infer<typeof offer>

/** Orders asks catalog for the offers of its lines, up to 100, in one currency. */
export const catalogNeeds = needs('catalog', {
  listOffers: defineNeed({
    operation: 'listOffers',
    method: 'post',
    path: '/offers',
    isSafe: true,
    body: z.object({
      currency: z.string(),
      lines: z.array(z.object({ productId: z.string(), sku: z.string() }))
    }),
    reads: z.object({ items: z.array(offer) })
  })
})

/** What orders tells identity: that nothing here says any more who an erased customer was. */
export const identityNeeds = needs('identity', {
  reportErasure: defineNeed({
    ...{ operation: 'reportErasure', method: 'put', path: '/erasures/{id}/reports' },
    params: z.object({ id: z.string() }),
    ...{ body: z.object({ outcome: z.literal('anonymised') }), reads: z.unknown() }
  })
})

const byOrder = z.object({ orderId: z.string() })
const reservation = z.object({
  state: z.enum(['held', 'rejected', 'released', 'committed']),
  short: z.array(z.string()).optional(),
  limited: z.array(z.string()).optional(),
  replaced: z.array(z.string()).optional()
})

/** What orders asks of inventory. Each may be asked again: the order's ID names it. */
export const inventoryNeeds = needs('inventory', {
  reserve: defineNeed({
    ...{ operation: 'reserve', method: 'put', path: '/reservations/{orderId}', params: byOrder },
    body: z.object({
      lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
      buyer: z.string().optional(),
      network: z.string().optional()
    }),
    reads: reservation
  }),
  release: defineNeed({
    ...{ operation: 'release', method: 'put', path: '/reservations/{orderId}/release', params: byOrder },
    reads: reservation
  }),
  commit: defineNeed({
    ...{ operation: 'commit', method: 'put', path: '/reservations/{orderId}/commit', params: byOrder },
    reads: reservation
  })
})

const payment = z.object({
  state: z.enum(['authorising', 'pending', 'authorised', 'declined', 'captured', 'voided', 'refunded']),
  reason: z.string().optional(),
  action: z.object({ id: z.string(), url: z.string().optional() }).optional()
})

/** What orders asks of payments, which asks for the amount by the order's ID. Each may be asked again. */
export const paymentsNeeds = needs('payments', {
  pay: defineNeed({
    ...{ operation: 'putPayment', method: 'put', path: '/payments/{orderId}', params: byOrder },
    ...{ body: z.object({ method: z.string() }), reads: payment }
  }),
  capture: defineNeed({
    ...{ operation: 'capturePayment', method: 'put', path: '/payments/{orderId}/capture', params: byOrder },
    ...{ body: z.object({}), reads: payment }
  }),
  void: defineNeed({
    ...{ operation: 'voidPayment', method: 'put', path: '/payments/{orderId}/void', params: byOrder },
    reads: payment
  }),
  refund: defineNeed({
    ...{ operation: 'putRefund', method: 'put', path: '/payments/{orderId}/refunds/{refundId}' },
    params: z.object({ orderId: z.string(), refundId: z.string() }),
    ...{ body: z.object({ amount: z.int() }), reads: payment }
  })
})
