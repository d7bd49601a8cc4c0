import type { Client } from '@bulkhead/chassis/client'
import type { EventHandler } from '@bulkhead/chassis/events'
import type { Erasures } from '@bulkhead/chassis/mongo'
import type { identityNeeds } from '../clients/needs.ts'
import type { Driver } from '../lifecycle/driver.ts'

type Identity = Client<typeof identityNeeds.operations>
type Deps = {
  driver: Pick<Driver, 'wake'>
  erasures: Pick<Erasures, 'erase'>
  identity: Pick<Identity, 'reportErasure'>
}

/** A payment has the ID of its order, with another prefix. */
const orderOf = (paymentId: string) => paymentId.replace(/^pay_/, 'ord_')

/** What orders does on events of others. A payment of which more is known is asked for by its order's next step. */
export const handlers = ({ driver, erasures, identity }: Deps): Record<string, EventHandler> => ({
  'payments.payment.settled': ({ subject }) => driver.wake(orderOf(subject)),
  /** One whose report did not get through comes again, and finds it done. */
  async 'identity.customer.erased'({ subject }, context) {
    await erasures.erase(subject)
    await identity.reportErasure({ params: { id: subject }, body: { outcome: 'anonymised' } }, context)
  }
})
