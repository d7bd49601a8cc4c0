import { operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { newReservation, orderId, RESERVATION_BYTES, reservation, reservationState } from './schemas.ts'

const oneOrder = z.object({ orderId })
const answers = { 200: { description: 'The reservation', body: reservation } }

/**
 * Reserves all lines for an order, or none. The state shows whether they are held. A SKU that never had stock counts as empty.
 *
 * - A repeated request returns the current reservation. With other lines it returns 409 `reservation-differs`.
 * - If an older unpaid order of the same `buyer` holds one of the SKUs, the reservation of the older order is released.
 * - If the `network` would hold too many unpaid pieces, the reservation is rejected.
 * - While a SKU has 1,000 holds, the operation returns 503. Send the request again.
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
 * Releases the held pieces. A rejected reservation stays rejected. Returns 409 `reservation-committed` after the commit. Without a
 * reservation it stores the order's ID, so that a late reservation is refused.
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

/**
 * Lets the reserved pieces leave. If they were released or have expired, takes them again. Returns 409 `stock-gone` if there are too few
 * pieces.
 */
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

/** Lists all reservations that were ever made, sorted by order ID. */
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
