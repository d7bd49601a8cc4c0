import type { Command } from '../command-line/command.ts'
import { withEventLog } from '../event-log/event-log-connection.ts'
import { forgetSubscriber } from '../event-log/forget-subscriber.ts'

/** `bulkhead events forget PUBLISHER SUBSCRIBER` */
export const eventsForgetCommand: Command = {
  usage: 'events forget PUBLISHER SUBSCRIBER [--force] [--json]',
  summary: 'remove a subscriber that no longer exists, so that the event log can be trimmed',
  details: `--force   remove it even if it still reads; it loses the events that it has not handled
--json    print its progress as JSON

The event log keeps events until every subscriber has handled them. If a subscriber no longer exists, the log fills up until the publisher stops.`,
  examples: [
    ['bulkhead events lag', 'all subscribers, and how far behind they are'],
    ['bulkhead events forget catalog search', 'search no longer subscribes to the events of catalog']
  ],
  options: { force: { type: 'boolean' }, json: { type: 'boolean' } },
  async run({ stack, words: [publisher = '', subscriber = ''], options }) {
    const force = options.force === true
    const progress = await withEventLog(stack, redis => forgetSubscriber(redis, publisher, subscriber, force))
    const text = `Removed ${subscriber}. It was ${progress.lag} ${progress.lag === 1 ? 'event' : 'events'} of ${publisher} behind`
    console.log(options.json ? JSON.stringify(progress, undefined, 2) : text)
    return 0
  }
}
