import type { EventHandler } from '@bulkhead/chassis/events'
import type { Identity } from '../clients/identity.ts'
import type { Carts } from './store.ts'

/**
 * Deletes the cart of an erased customer and reports the deletion to identity. If the report fails, the event is delivered again. The
 * second deletion changes nothing.
 */
export const erasureHandlers = (carts: Carts, identity: Identity): Record<string, EventHandler> => ({
  async 'identity.customer.erased'({ subject }, context) {
    await carts.erase(subject, context)
    await identity.reportErasure({ params: { id: subject }, body: { outcome: 'deleted' } }, context)
  }
})
