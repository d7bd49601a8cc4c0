import { found } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import type { Accounts } from '../accounts/store.ts'
import { networkIn } from '../client-network.ts'
import { eraseCustomer, getErasure, reportErasure } from '../sessions/operations.ts'
import type { Erasing } from './eraser.ts'
import type { Erasure } from './tombstone.ts'

export const erasureRoutes = (accounts: Accounts, erasing: Erasing) =>
  operations()
    .handle(eraseCustomer, async ({ params, body, context, header }) => {
      const asked = { id: params.id, password: body.password, client: networkIn(header) }
      return { status: 202, body: shown(await erasing.erase(asked, context)) }
    })
    .handle(getErasure, async ({ params }) => ({
      status: 200,
      body: shown(found(await accounts.erasureOf(params.id)))
    }))
    .handle(reportErasure, async ({ params, body, context }) => {
      const { caller } = context
      await accounts.report(params.id, caller.kind === 'service' ? caller.name : '', body.outcome, context)
      return { status: 204 }
    }).router

const shown = ({ id, erasedAt, erasedBy, reports }: Erasure) => ({
  customerId: id,
  erasedAt: erasedAt.toISOString(),
  erasedBy,
  reports: reports.map(report => ({ ...report, at: report.at.toISOString() }))
})
