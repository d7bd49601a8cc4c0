import * as z from 'zod'
import { customerId } from '../accounts/schemas.ts'

/**
 * What a service did with its data. `anonymised`: the service keeps data that names no person, such as orders that the law requires it to
 * keep.
 */
export const outcome = z.enum(['deleted', 'anonymised'])

const report = z.object({ service: z.string(), outcome, at: z.iso.datetime() })

export const erasure = z.object({
  customerId,
  erasedAt: z.iso.datetime(),
  /** The ID of the customer or the member of staff who requested the erasure. */
  erasedBy: z.string(),
  reports: z.array(report)
})

export type Outcome = z.infer<typeof outcome>
