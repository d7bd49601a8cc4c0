import { operations } from '@bulkhead/chassis/http'
import { shownAccount } from '../accounts/routes.ts'
import { networkIn } from '../client-network.ts'
import { confirmRegistration, getRegistration, register } from '../sessions/operations.ts'
import type { Registering } from './registering.ts'

export const registrationRoutes = (registering: Registering) =>
  operations()
    .handle(register, async ({ body }) => ({ status: 202, body: { id: await registering.begin(body.email) } }))
    .handle(getRegistration, async ({ params }) => ({
      status: 200,
      body: await registering.toMail(params.id),
      headers: { 'Cache-Control': 'no-store' }
    }))
    .handle(confirmRegistration, async ({ params, body, header, context }) =>
      shownAccount(200, await registering.confirm({ ...params, ...body }, networkIn(header), context))
    ).router
