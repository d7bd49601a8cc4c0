import type { Change } from './aggregate-document.ts'

/** The part of an aggregate's state that remembers which events have had their effect on it. */
export type Handled = { handled?: string[] }

/**
 * The change that an event has on an aggregate, once however often the event is delivered: its ID is kept in `handled`,
 * in the document of the effect, with the `kept` last. For `aggregates.change(id, undefined, state => once(...), context)`.
 * An effect that stores the version it saw, or that inserts under an ID made from the event's, needs none of this.
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

/**
 * The same for a script on Redis: `if handled_before(key, event_id) then return end` ahead of the effect. `key` is a
 * sorted set in the hash slot of the effect, which keeps the last thousand IDs.
 */
export const handledLua = `
local function handled_before(key, event_id)
  local time = redis.call('TIME')
  local score = string.format('%d.%06d', time[1], time[2]) -- microseconds come without leading zeros
  if redis.call('ZADD', key, 'NX', score, event_id) == 0 then return true end
  redis.call('ZREMRANGEBYRANK', key, 0, -1001)
  return false
end
`
