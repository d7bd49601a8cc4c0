import type { Client } from '@bulkhead/chassis/client'
import { defineNeed, needs } from '@bulkhead/chassis/contract'
import * as z from 'zod'

/** Orders reports to identity that it has anonymised the orders of an erased customer. */
export const identityNeeds = needs('identity', {
  reportErasure: defineNeed({
    operation: 'reportErasure',
    method: 'put',
    path: '/erasures/{id}/reports',
    params: z.object({ id: z.string() }),
    body: z.object({ outcome: z.literal('anonymised') }),
    reads: z.unknown()
  })
})

export type Identity = Client<typeof identityNeeds.operations>
