import * as z from 'zod'
import { customerId } from '../accounts/schemas.ts'

/** `anonymised`: the service keeps data that names nobody, such as orders that the law tells it to keep. */
export const outcome = z.enum(['deleted', 'anonymised'])

const report = z.object({ service: z.string(), outcome, at: z.iso.datetime() })

export const erasure = z.object({
  customerId,
  erasedAt: z.iso.datetime(),
  /** The ID of the customer or of the member of staff who asked for it. */
  erasedBy: z.string(),
  reports: z.array(report)
})

export type Outcome = z.infer<typeof outcome>
