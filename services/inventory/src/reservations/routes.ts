import { decodeCursor, pageFrom } from '@bulkhead/chassis/contract'
import { found } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import { commit, getReservation, listReservations, release, reserve } from './operations.ts'
import type { Reservations } from './reservations.ts'
import type { Reservation, ReservationStore } from './store.ts'

export type ReservationDeps = { books: ReservationStore; reservations: Reservations }

export function reservationRoutes({ books, reservations }: ReservationDeps) {
  const answer = async (reservation: Promise<Reservation | null>) => ({
    status: 200 as const,
    body: shown(found(await reservation))
  })
  return operations()
    .handle(reserve, ({ params, body: { lines, ...holder } }) =>
      answer(reservations.reserve(params.orderId, lines, holder))
    )
    .handle(release, ({ params }) => answer(reservations.release(params.orderId)))
    .handle(commit, ({ params }) => answer(reservations.commit(params.orderId)))
    .handle(getReservation, ({ params }) => answer(books.byId(params.orderId)))
    .handle(listReservations, async ({ query: { state, limit, cursor } }) => {
      const scope = { list: 'reservations', state }
      const after = cursor === undefined ? '' : String(decodeCursor(cursor, scope)[0])
      const { items, ...rest } = pageFrom(await books.after(after, state, limit + 1), limit, scope, last => [last._id])
      return { status: 200, body: { items: items.map(shown), ...rest } }
    }).router
}

const shown = ({ _id: orderId, state, lines, short, limited, replaced, createdAt, expiresAt }: Reservation) => ({
  orderId,
  state,
  lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
  ...(state === 'rejected' && { short, limited }),
  ...(state === 'released' && { replaced }),
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString()
})
