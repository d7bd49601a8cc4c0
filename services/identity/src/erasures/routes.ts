import { orNotFound } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import type { Eraser } from './eraser.ts'
import { eraseCustomer, getErasure, reportErasure } from './operations.ts'
import type { Erasures } from './store.ts'
import type { Erasure } from './tombstone.ts'

export const erasureRoutes = (erasures: Erasures, eraser: Eraser) =>
  operations()
    .handle(eraseCustomer, async ({ params, body, context, network }) => {
      const request = { id: params.id, password: body.password, client: network }
      return { status: 202, body: toErasure(await eraser.erase(request, context)) }
    })
    .handle(getErasure, async ({ params }) => ({
      status: 200,
      body: toErasure(orNotFound(await erasures.byId(params.id)))
    }))
    .handle(reportErasure, async ({ params, body, context }) => {
      const { caller } = context
      await erasures.report(params.id, caller.kind === 'service' ? caller.name : '', body.outcome, context)
      return { status: 204 }
    }).router

const toErasure = ({ id, erasedAt, erasedBy, reports }: Erasure) => ({
  customerId: id,
  erasedAt: erasedAt.toISOString(),
  erasedBy,
  reports: reports.map(report => ({ ...report, at: report.at.toISOString() }))
})
