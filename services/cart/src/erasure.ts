import type { Client } from '@bulkhead/chassis/client'
import type { EventHandler } from '@bulkhead/chassis/events'
import type { identityNeeds } from './needs.ts'
import type { Carts } from './store.ts'

type Identity = Client<typeof identityNeeds.operations>

/** Erases what cart holds of a customer, then says so: an event whose report did not get through comes again, and finds it done. */
export const erasureHandlers = (carts: Carts, identity: Identity): Record<string, EventHandler> => ({
  async 'identity.customer.erased'({ subject }, context) {
    await carts.erase(subject, context)
    await identity.reportErasure({ params: { id: subject }, body: { outcome: 'deleted' } }, context)
  }
})
