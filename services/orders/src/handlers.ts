import type { EventHandler } from '@bulkhead/chassis/consumer'
import type { Driver } from './driver.ts'

/** A payment has the ID of its order, with another prefix. */
const orderOf = (paymentId: string) => paymentId.replace(/^pay_/, 'ord_')

/** By the type of event. A payment of which more is known is asked for by its order's next step. */
export const handlers = ({ wake }: Pick<Driver, 'wake'>): Record<string, EventHandler> => ({
  'payments.payment.settled': event => wake(orderOf(event.subject))
})

/** What contract.json names. */
export const handles = Object.keys(handlers({ wake: async () => undefined }))
