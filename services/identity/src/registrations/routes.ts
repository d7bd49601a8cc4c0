import { orNotFound } from '@bulkhead/chassis/core'
import { operations, withETagNoStore } from '@bulkhead/chassis/http'
import { toAccount } from '../accounts/schemas.ts'
import type { Accounts } from '../accounts/store.ts'
import { hashNewPassword } from '../passwords/new-password.ts'
import type { PasswordQueue } from '../passwords/queue.ts'
import { confirmRegistration, getRegistration, register } from './operations.ts'
import type { Registrations } from './store.ts'

type Deps = { registrations: Registrations; accounts: Accounts; queue: PasswordQueue }

export function registrationRoutes({ registrations, accounts, queue }: Deps) {
  return operations()
    .handle(register, async ({ body }) => ({ status: 202, body: { id: await registrations.begin(body.email) } }))
    .handle(getRegistration, async ({ params }) => {
      const { _id: id, email, code } = orNotFound(await registrations.byId(params.id))
      const known = (await accounts.byEmail(email)) !== undefined
      return { status: 200, body: { id, email, code, known }, headers: { 'Cache-Control': 'no-store' } }
    })
    .handle(confirmRegistration, async ({ params, body, network, context }) => {
      const { customer, email } = orNotFound(await registrations.withCode(params.id, body.code))
      const existing = await accounts.byId(customer)
      if (existing) return withETagNoStore(200, toAccount(existing))
      const password = await hashNewPassword({ email, password: body.password }, network, queue)
      return withETagNoStore(200, toAccount(await accounts.create({ id: customer, email, password }, context)))
    }).router
}
