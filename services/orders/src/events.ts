import { defineEvent, type EventType } from '@bulkhead/chassis/events'
import type { State } from './machine.ts'

const ended = (state: string, summary: string) => defineEvent({ type: `orders.order.${state}`, summary })

/** By state, what is told of an order that comes to it. Nobody needs to know of the others. */
export const eventOf: Partial<Record<State, EventType>> = {
  captured: ended('captured', 'It is paid'),
  rejected: ended('rejected', 'There was not enough in stock'),
  declined: ended('declined', 'The payment was declined'),
  cancelled: ended('cancelled', 'It was cancelled before it was paid'),
  expired: ended('expired', 'It was not paid in time'),
  refunded: ended('refunded', 'All of it was paid back')
}

export const allEvents = Object.values(eventOf)
