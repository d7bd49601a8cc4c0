import { decodeCursor, toPage } from '@bulkhead/chassis/contract'
import { orNotFound } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import type { ReservationLifecycle } from './lifecycle.ts'
import { commit, getReservation, listReservations, release, reserve } from './operations.ts'
import type { ApiReservation } from './schemas.ts'
import type { Reservation, ReservationStore } from './store.ts'

type Deps = { reservations: ReservationStore; lifecycle: ReservationLifecycle }

export function reservationRoutes({ reservations, lifecycle }: Deps) {
  return operations()
    .handle(reserve, async ({ params, body: { lines, ...holder } }) =>
      answer(await lifecycle.reserve(params.orderId, lines, holder))
    )
    .handle(release, async ({ params }) => answer(await lifecycle.release(params.orderId)))
    .handle(commit, async ({ params }) => answer(await lifecycle.commit(params.orderId)))
    .handle(getReservation, async ({ params }) => answer(orNotFound(await reservations.byId(params.orderId))))
    .handle(listReservations, async ({ query: { state, limit, cursor } }) => {
      const scope = { list: 'reservations', state }
      const after = cursor === undefined ? '' : String(decodeCursor(cursor, scope)[0])
      const listed = await reservations.after(after, state, limit + 1)
      const page = toPage(listed, limit, scope, ({ _id }) => [_id])
      return { status: 200, body: { ...page, items: page.items.map(toReservation) } }
    }).router
}

const answer = (reservation: Reservation) => ({ status: 200 as const, body: toReservation(reservation) })

/**
 * Returns a reservation as the API shows it. A reason is shown only in the state that it explains, because a commit can take a rejected or
 * released reservation again.
 */
const toReservation = (reservation: Reservation): ApiReservation => {
  const { _id: orderId, state, lines, createdAt, expiresAt } = reservation
  return {
    orderId,
    state,
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
    short: state === 'rejected' ? reservation.short : undefined,
    limited: state === 'rejected' ? reservation.limited : undefined,
    replaced: state === 'released' ? reservation.replaced : undefined,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString()
  }
}
