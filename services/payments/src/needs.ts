import { defineNeed, needs } from '@bulkhead/chassis/contract'
import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** What an order costs is the order's truth: it is asked for by ID, never told by a caller. */
export const ordersNeeds = needs('orders', {
  getCharge: defineNeed({
    operation: 'getCharge',
    method: 'get',
    path: '/orders/{id}/charge',
    params: z.object({ id: z.string() }),
    reads: z.object({ amount: moneySchema })
  })
})

const remotePayment = z.object({
  id: z.string(),
  reference: z.string(),
  state: z.enum(['pending', 'authorised', 'declined', 'captured', 'voided']),
  reason: z.string().optional(),
  captured: z.int(),
  refunds: z.array(z.object({ reference: z.string(), amount: z.int() })),
  changedAt: z.string()
})

export type SandboxPayment = z.infer<typeof remotePayment>

const keyed = z.object({ 'idempotency-key': z.string() })
const one = z.object({ id: z.string() })

/** What is asked of the stand-in provider. */
export const sandboxNeeds = needs('sandbox', {
  createPayment: defineNeed({
    ...{ operation: 'createPayment', method: 'post', path: '/payments' },
    headers: keyed,
    body: z.object({ reference: z.string(), amount: moneySchema, method: z.string() }),
    reads: remotePayment
  }),
  getPayment: defineNeed({
    ...{ operation: 'getPayment', method: 'get', path: '/payments/{id}', params: one, reads: remotePayment }
  }),
  listPayments: defineNeed({
    ...{ operation: 'listPayments', method: 'get', path: '/payments' },
    query: z.object({
      reference: z.string().optional(),
      changedSince: z.string().optional(),
      cursor: z.string().optional(),
      limit: z.int()
    }),
    reads: z.object({ items: z.array(remotePayment), nextCursor: z.string().optional() })
  }),
  capturePayment: defineNeed({
    ...{ operation: 'capturePayment', method: 'post', path: '/payments/{id}/capture', params: one },
    body: z.object({ amount: z.int() }),
    reads: remotePayment
  }),
  voidPayment: defineNeed({
    ...{ operation: 'voidPayment', method: 'post', path: '/payments/{id}/void', params: one, reads: remotePayment }
  }),
  refundPayment: defineNeed({
    ...{ operation: 'refundPayment', method: 'post', path: '/payments/{id}/refunds', params: one },
    headers: keyed,
    body: z.object({ reference: z.string(), amount: z.int() }),
    reads: remotePayment
  })
})
