import { streamsOf } from '@bulkhead/chassis/contract'
import { discardDeadLetters, listDeadLetters } from '@bulkhead/chassis/events'
import { until } from '@bulkhead/testing/until'
import type { Drill, Setting } from '../drill.ts'
import { EVENT_LOG, withStore } from './redis.ts'
import type { Declared } from './stores.ts'

/** How long it may take until a subscriber gives an event up (ms). */
const GIVEN_UP_WITHIN = 30_000

/** A drill: the stream of a publisher has an entry that no subscriber can read. */
export const poisonMessage = (publisher: string, subscriber: string, declared: Declared): Drill => ({
  ...declared,
  name: `${publisher} publishes a message that ${subscriber} cannot read`,
  services: [publisher, subscriber],
  async cause(setting) {
    const { events } = streamsOf(publisher)
    await withStore(setting.testbed, EVENT_LOG, redis => redis.xadd(events, '*', 'event', '{"type":"poison"}'))
    await until(async () => (await lettersOf(setting, subscriber)).length > 0, GIVEN_UP_WITHIN)
    return async () => {
      const ids = (await lettersOf(setting, subscriber)).map(({ id }) => id)
      await withStore(setting.testbed, EVENT_LOG, redis => discardDeadLetters(redis, subscriber, ids))
    }
  }
})

const lettersOf = ({ testbed }: Setting, subscriber: string) =>
  withStore(testbed, EVENT_LOG, redis => listDeadLetters(redis, subscriber))
