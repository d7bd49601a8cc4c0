import { operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { newReservation, orderId, RESERVATION_BYTES, reservation, reservationState } from './schemas.ts'

const oneOrder = z.object({ orderId })
const answers = { 200: { description: 'The reservation', body: reservation } }

/**
 * Reserves all lines for an order, or none. The state tells if they are held. A SKU that never had stock counts as having none.
 *
 * - Sent again, it returns the reservation as it is now. With other lines it returns 409 `reservation-differs`.
 * - If an older unpaid order of the same `buyer` holds one of the SKUs, that order's reservation is released.
 * - If the `network` would hold too much unpaid, the reservation is rejected.
 * - While a SKU has 1,000 holds, it returns 503. Send it again.
 */
export const reserve = operation({
  id: 'reserve',
  method: 'put',
  path: '/reservations/{orderId}',
  summary: 'Reserve stock for an order, all lines or none',
  callers: ['service:orders'],
  params: oneOrder,
  body: newReservation,
  bodyLimit: RESERVATION_BYTES,
  answers
})

/**
 * Gives back the held pieces. A rejected reservation stays rejected; after the commit, returns 409 `reservation-committed`. Without a
 * reservation it keeps the ID of the order, so that a late reservation is refused.
 */
export const release = operation({
  id: 'release',
  method: 'put',
  path: '/reservations/{orderId}/release',
  summary: 'Give back the pieces reserved for an order',
  callers: ['service:orders'],
  params: oneOrder,
  answers
})

/** Lets the reserved pieces leave. If they were released or have expired, takes them again; 409 `stock-gone` if there are too few. */
export const commit = operation({
  id: 'commit',
  method: 'put',
  path: '/reservations/{orderId}/commit',
  summary: 'Let the pieces reserved for an order leave',
  callers: ['service:orders'],
  params: oneOrder,
  answers
})

export const getReservation = operation({
  id: 'getReservation',
  method: 'get',
  path: '/reservations/{orderId}',
  summary: 'Get the reservation of an order',
  callers: ['staff', 'service:orders'],
  params: oneOrder,
  answers
})

/** Lists all reservations that were ever made, in the order of order IDs. */
export const listReservations = operation({
  id: 'listReservations',
  method: 'get',
  path: '/reservations',
  summary: 'List reservations page by page, optionally of one state',
  callers: ['staff'],
  query: z.object({ state: reservationState.optional(), ...pageQuery }),
  answers: { 200: { description: 'A page of reservations', body: pageSchema(reservation) } }
})

export const reservationOperations = [reserve, release, commit, getReservation, listReservations]
