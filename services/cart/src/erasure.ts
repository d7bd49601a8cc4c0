import { type Client, client } from '@bulkhead/chassis/client'
import { type EventHandler, subscribe } from '@bulkhead/chassis/events'
import { redisProblem } from '@bulkhead/chassis/redis'
import { contract } from './contract.ts'
import { identityNeeds } from './needs.ts'
import type { Carts } from './store.ts'

export type Identity = Client<typeof identityNeeds.operations>

export const connectIdentity = (options: Parameters<typeof client>[1]): Identity => client(identityNeeds, options)

type Deps = { carts: Pick<Carts, 'erase'>; identity: Pick<Identity, 'reportErasure'> }

/** Erases what cart holds of a customer, then says so: an event whose report did not get through comes again, and finds it done. */
const cartHandlers = ({ carts, identity }: Deps): Record<string, EventHandler> => ({
  async 'identity.customer.erased'({ subject }, context) {
    await carts.erase(subject, context)
    await identity.reportErasure({ params: { id: subject }, body: { outcome: 'deleted' } }, context)
  }
})

type Reading = Omit<Parameters<typeof subscribe>[0], 'handlers' | 'contract' | 'storeProblem'> & Deps

/** Subscribes to what cart handles. */
export const readEvents = ({ carts, identity, ...options }: Reading) =>
  subscribe({ ...options, handlers: cartHandlers({ carts, identity }), contract, storeProblem: redisProblem })
