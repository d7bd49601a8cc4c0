import type { Change } from './aggregate-document.ts'

/** The part of an aggregate's state with the IDs of the events that it has handled. */
export type Handled = { handled?: string[] }

/**
 * Applies the effect of an event to an aggregate once, however often the event is delivered. It stores the event's ID in `handled`, which
 * keeps the last `kept` IDs. Use it as `aggregates.change(id, undefined, state => once(state, event, effect), context)`. An effect that
 * stores the version of the event, or inserts under an ID made from the event's ID, does not need `once`.
 */
export function once<T extends Handled>(
  state: T,
  event: { id: string },
  effect: (state: T) => Change<T>,
  kept = 100
): Change<T> {
  const { handled = [] } = state
  if (handled.includes(event.id)) return { state, events: [] }
  const change = effect(state)
  return { ...change, state: { ...change.state, handled: [...handled, event.id].slice(-kept) } }
}
