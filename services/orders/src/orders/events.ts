import { defineEvent, type EventType } from '@bulkhead/chassis/contract'
import type { State } from '../lifecycle/machine.ts'

const orderEvent = (state: string, summary: string) => defineEvent({ type: `orders.order.${state}`, summary })

/** The event of each state that other services need. */
export const eventOf: Partial<Record<State, EventType>> = {
  captured: orderEvent('captured', 'The order is paid'),
  rejected: orderEvent('rejected', "Stock was short, or unpaid orders from the buyer's network hold too much of it"),
  declined: orderEvent('declined', 'The payment was declined'),
  cancelled: orderEvent(
    'cancelled',
    'The order was cancelled before it was paid, or replaced by a newer order of its buyer'
  ),
  expired: orderEvent('expired', 'The order was not paid in time'),
  refunded: orderEvent('refunded', 'The order was paid back in full')
}

export const orderEvents = Object.values(eventOf)
