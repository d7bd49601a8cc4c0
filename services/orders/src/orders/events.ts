import { defineEvent, type EventType } from '@bulkhead/chassis/contract'
import type { State } from '../lifecycle/machine.ts'

const ended = (state: string, summary: string) => defineEvent({ type: `orders.order.${state}`, summary })

/** By state, what is told of an order that comes to it. Nobody needs to know of the others. */
export const eventOf: Partial<Record<State, EventType>> = {
  captured: ended('captured', 'It is paid'),
  rejected: ended(
    'rejected',
    'Its stock could not be held: there was not enough, or too much of it is held unpaid from its network'
  ),
  declined: ended('declined', 'The payment was declined'),
  cancelled: ended('cancelled', 'It was cancelled before it was paid, or gave way to a newer order of its buyer'),
  expired: ended('expired', 'It was not paid in time'),
  refunded: ended('refunded', 'All of it was paid back')
}

export const allEvents = Object.values(eventOf)
