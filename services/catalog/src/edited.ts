import { isDeepStrictEqual } from 'node:util'
import type { Change } from '@bulkhead/chassis/aggregates'
import type { EventType } from '@bulkhead/chassis/events'

/** A change to `state`, with its event, or none where `state` is what was there before: then its version stays, too. */
export const edited = <T extends object>(before: T, state: T, event: EventType): Change<T> => ({
  state,
  events: isDeepStrictEqual(before, state) ? [] : [event]
})
