import { recent } from '@bulkhead/chassis/core'
import type { HoldsBySku } from './holds.ts'
import type { Reservation } from './store.ts'

type HeldReservation = { reservation: Reservation; holds: HoldsBySku }

export type HeldCache = {
  get(orderId: string): HeldReservation | undefined
  set(orderId: string, held: HeldReservation): unknown
  delete(orderId: string): unknown
}

/**
 * The reservations that this replica held within the last minute, by order ID. They save a commit its two reads. That is safe, as a commit is
 * written only if the reservation is still held, and then its holds are the cached ones (docs/decisions/0006-known-without-reading.md).
 */
export const heldCache = (): HeldCache => recent<HeldReservation>()
