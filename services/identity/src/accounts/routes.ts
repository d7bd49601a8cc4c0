import { type Clock, isStaff, newId, notFound, orNotFound } from '@bulkhead/chassis/core'
import { operations, withETagNoStore } from '@bulkhead/chassis/http'
import { hashNewPassword } from '../passwords/new-password.ts'
import type { PasswordQueue } from '../passwords/queue.ts'
import { createStaff, getCustomer, getStaff } from './operations.ts'
import { toAccount } from './schemas.ts'
import type { Accounts } from './store.ts'

type Deps = { accounts: Accounts; queue: PasswordQueue; clock: Clock }

export function accountRoutes({ accounts, queue, clock }: Deps) {
  return operations()
    .handle(getCustomer, async ({ params, context: { caller } }) => {
      const isOwn = caller.kind === 'person' && caller.id === params.id
      if (!isOwn && !isStaff(caller)) throw notFound()
      return withETagNoStore(200, toAccount(orNotFound(await accounts.byId(params.id))))
    })
    .handle(createStaff, async ({ body, context, network }) => {
      const password = await hashNewPassword(body, network, queue)
      const account = { id: newId('stf', clock), email: body.email, password }
      return withETagNoStore(201, toAccount(await accounts.create(account, context)))
    })
    .handle(getStaff, async ({ params }) => withETagNoStore(200, toAccount(orNotFound(await accounts.byId(params.id)))))
    .router
}
