import { defineNeed, needs } from '@bulkhead/chassis/contract'
import * as z from 'zod'

export const identityNeeds = needs('identity', {
  reportErasure: defineNeed({
    operation: 'reportErasure',
    method: 'put',
    path: '/erasures/{id}/reports',
    params: z.object({ id: z.string() }),
    body: z.object({ outcome: z.literal('deleted') }),
    reads: z.unknown()
  })
})
