import { found, isStaff, notFound } from '@bulkhead/chassis/core'
import { operations, shownToOne } from '@bulkhead/chassis/http'
import type { Versioned } from '@bulkhead/chassis/mongo'
import { networkIn } from '../client-network.ts'
import type { Registering } from '../registrations/registering.ts'
import { createStaff, getCustomer, getStaff } from '../sessions/operations.ts'
import type { Account, Accounts } from './store.ts'

/** An account without what nobody is shown. */
export const shownAccount = <Status extends number>(
  status: Status,
  { id, version, email, createdAt }: Versioned<Account>
) => shownToOne(status, { id, version, email, createdAt: createdAt.toISOString() })

export const accountRoutes = (accounts: Accounts, registering: Registering) =>
  operations()
    .handle(getCustomer, async ({ params, context: { caller } }) => {
      if (!isStaff(caller) && !(caller.kind === 'person' && caller.id === params.id)) throw notFound()
      return shownAccount(200, found(await accounts.byId(params.id)))
    })
    .handle(createStaff, async ({ body, context, header }) =>
      shownAccount(201, await registering.createStaff(body, networkIn(header), context))
    )
    .handle(getStaff, async ({ params }) => shownAccount(200, found(await accounts.byId(params.id)))).router
