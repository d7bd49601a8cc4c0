import type { Client } from '@bulkhead/chassis/client'
import { defineNeed, optionalNeeds } from '@bulkhead/chassis/contract'
import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** How long one attempt may take (ms). */
export const ATTEMPT_MS = 3_000

const sandboxPayment = z.object({
  id: z.string(),
  reference: z.string(),
  state: z.enum(['pending', 'authorised', 'declined', 'captured', 'voided']),
  reason: z.string().optional(),
  captured: z.int(),
  refunds: z.array(z.object({ reference: z.string(), amount: z.int() })),
  changedAt: z.string()
})

/** A payment as the sandbox shows it. */
export type SandboxPayment = z.infer<typeof sandboxPayment>

const idempotencyKey = z.object({ 'idempotency-key': z.string() })
const paymentParams = z.object({ id: z.string() })

/** The calls of the stand-in provider. They are optional, because there is no sandbox with another provider. */
export const sandboxNeeds = optionalNeeds('sandbox', {
  createPayment: defineNeed({
    operation: 'createPayment',
    method: 'post',
    path: '/payments',
    headers: idempotencyKey,
    body: z.object({ reference: z.string(), amount: moneySchema, method: z.string() }),
    reads: sandboxPayment
  }),
  getPayment: defineNeed({
    operation: 'getPayment',
    method: 'get',
    path: '/payments/{id}',
    params: paymentParams,
    reads: sandboxPayment
  }),
  listPayments: defineNeed({
    operation: 'listPayments',
    method: 'get',
    path: '/payments',
    query: z.object({
      reference: z.string().optional(),
      changedSince: z.string().optional(),
      cursor: z.string().optional(),
      limit: z.int()
    }),
    reads: z.object({ items: z.array(sandboxPayment), nextCursor: z.string().optional() })
  }),
  capturePayment: defineNeed({
    operation: 'capturePayment',
    method: 'post',
    path: '/payments/{id}/capture',
    params: paymentParams,
    body: z.object({ amount: z.int() }),
    reads: sandboxPayment
  }),
  voidPayment: defineNeed({
    operation: 'voidPayment',
    method: 'post',
    path: '/payments/{id}/void',
    params: paymentParams,
    reads: sandboxPayment
  }),
  refundPayment: defineNeed({
    operation: 'refundPayment',
    method: 'post',
    path: '/payments/{id}/refunds',
    params: paymentParams,
    headers: idempotencyKey,
    body: z.object({ reference: z.string(), amount: z.int() }),
    reads: sandboxPayment
  })
})

export type Sandbox = Client<typeof sandboxNeeds.operations>
