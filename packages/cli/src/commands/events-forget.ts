import type { Command } from '../command.ts'
import { withEventLog } from '../event-log-connection.ts'
import { forgetSubscriber } from '../forget-subscriber.ts'

/** `bulkhead events forget PUBLISHER SUBSCRIBER` */
export const eventsForgetCommand: Command = {
  usage: 'events forget PUBLISHER SUBSCRIBER [--force] [--json]',
  summary: 'remove a subscriber that is no more, so that the event log is trimmed again',
  details: `--force   although it still reads; it loses what it has not handled
--json    how far it was, as data

The log keeps what a subscriber has not handled: one that is gone for good fills it until its publisher stops.`,
  examples: [
    ['bulkhead events lag', 'who subscribes to what, and how far behind each is'],
    ['bulkhead events forget catalog search', 'search will not come back for the events of catalog']
  ],
  options: { force: { type: 'boolean' }, json: { type: 'boolean' } },
  async run({ stack, words: [publisher = '', subscriber = ''], options }) {
    const force = options.force === true
    const progress = await withEventLog(stack, redis => forgetSubscriber(redis, publisher, subscriber, force))
    const text = `${subscriber} is forgotten: it was behind by ${progress.lag} ${progress.lag === 1 ? 'event' : 'events'} of ${publisher}`
    console.log(options.json ? JSON.stringify(progress, undefined, 2) : text)
    return 0
  }
}
