import { operation, page, paging } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { RESERVATION_BYTES } from '../limits.ts'
import { newReservation, orderId, reservation, reservationState } from './schemas.ts'

const one = z.object({ orderId })
const answers = { 200: { description: 'The reservation', body: reservation } }

/**
 * Reserves all lines for an order, or none. Sent again it answers what became of it; with other lines 409
 * `reservation-differs`. A SKU without stock counts as none there. An older unpaid order of the same `buyer` that holds one of the SKUs
 * is released. Where the `network` would hold too much unpaid, the reservation is rejected. 503 while a SKU has 1,000 holds: send it again.
 */
export const reserve = operation({
  id: 'reserve',
  method: 'put',
  path: '/reservations/{orderId}',
  summary: 'Reserve stock for an order, all of it or none',
  callers: ['service:orders'],
  params: one,
  body: newReservation,
  bodyLimit: RESERVATION_BYTES,
  answers
})

/**
 * Gives back what is held. Of an order that is not known it keeps the ID, so that a reservation which comes late is refused. What is
 * rejected stays so. After the commit 409 `reservation-committed`.
 */
export const release = operation({
  id: 'release',
  method: 'put',
  path: '/reservations/{orderId}/release',
  summary: 'Give back what is reserved for an order',
  callers: ['service:orders'],
  params: one,
  answers
})

/** What is reserved leaves. Released or expired, it is taken again where there is enough; else 409 `stock-gone`. */
export const commit = operation({
  id: 'commit',
  method: 'put',
  path: '/reservations/{orderId}/commit',
  summary: 'Let what is reserved for an order leave',
  callers: ['service:orders'],
  params: one,
  answers
})

export const getReservation = operation({
  id: 'getReservation',
  method: 'get',
  path: '/reservations/{orderId}',
  summary: 'The reservation of an order',
  callers: ['staff', 'service:orders'],
  params: one,
  answers
})

/** Every reservation there ever was, in the order of order IDs. */
export const listReservations = operation({
  id: 'listReservations',
  method: 'get',
  path: '/reservations',
  summary: 'Reservations page by page, also by state',
  callers: ['staff'],
  query: z.object({ state: reservationState.optional(), ...paging }),
  answers: { 200: { description: 'A page', body: page(reservation) } }
})

export const reservationOperations = [reserve, release, commit, getReservation, listReservations]
