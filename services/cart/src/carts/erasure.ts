import type { EventHandler } from '@bulkhead/chassis/events'
import type { Identity } from '../clients/identity.ts'
import type { Carts } from './store.ts'

/** Erases what cart holds of a customer, then says so: an event whose report did not get through comes again, and finds it done. */
export const erasureHandlers = (carts: Carts, identity: Identity): Record<string, EventHandler> => ({
  async 'identity.customer.erased'({ subject }, context) {
    await carts.erase(subject, context)
    await identity.reportErasure({ params: { id: subject }, body: { outcome: 'deleted' } }, context)
  }
})
