import { listDead, replayDead } from '@bulkhead/chassis/dead-letters'
import { lagOfAll } from '@bulkhead/chassis/streams'
import type { Command } from '../command.ts'
import { withEventLog } from '../event-log-connection.ts'
import { Failure } from '../failure.ts'
import type { Stack } from '../stack.ts'
import { table } from '../table.ts'

const SHOWN_LETTERS = 1_000

/** `bulkhead events lag` */
export const eventsLagCommand: Command = {
  usage: 'events lag [--json]',
  summary: 'how far each subscriber is behind each stream of events',
  examples: [['bulkhead events lag', 'a table']],
  options: { json: { type: 'boolean' } },
  async run({ stack, options }) {
    const lags = await withEventLog(stack, lagOfAll)
    const rows = lags.map(({ stream, group, lag, pending, lastDelivered }) => [
      ...[stream, group, String(lag), String(pending), lastDelivered]
    ])
    const text = table([['STREAM', 'SUBSCRIBER', 'BEHIND', 'IN WORK', 'LAST'], ...rows])
    console.log(options.json ? JSON.stringify(lags, undefined, 2) : text)
    return 0
  }
}

/** `bulkhead events dead SERVICE` */
export const eventsDeadCommand: Command = {
  usage: 'events dead SERVICE [--json]',
  summary: 'the events that a service could not handle, with the error of each',
  details: `Oldest first, ${SHOWN_LETTERS} at most.`,
  examples: [['bulkhead events dead cart', 'what cart could not handle']],
  options: { json: { type: 'boolean' } },
  async run({ stack, words: [service], options }) {
    const name = requireService(stack, service)
    const letters = await withEventLog(stack, redis => listDead(redis, name, { limit: SHOWN_LETTERS }))
    const rows = letters.map(({ id, at, stream, error, event }) => [id, at, stream, error, event])
    const text = table([['ID', 'AT', 'STREAM', 'ERROR', 'EVENT'], ...rows])
    console.log(options.json ? JSON.stringify(letters, undefined, 2) : text)
    return 0
  }
}

/** `bulkhead events replay SERVICE` */
export const eventsReplayCommand: Command = {
  usage: 'events replay SERVICE [ID...] [--json]',
  summary: 'give a service the events again that it could not handle',
  details: 'Without an ID, all of them. --json tells how many. Handling an event twice does no harm.',
  examples: [
    ['bulkhead events replay cart', 'all of them, after the cause is mended'],
    ['bulkhead events replay cart 1700000000000-0', 'one of them, by its ID among the dead letters']
  ],
  options: { json: { type: 'boolean' } },
  async run({ stack, words: [service, ...ids], options }) {
    const name = requireService(stack, service)
    const replayed = await withEventLog(stack, redis => replayDead(redis, name, ids.length > 0 ? ids : undefined))
    const text = `Replayed ${replayed} ${replayed === 1 ? 'event' : 'events'} to ${name}`
    console.log(options.json ? JSON.stringify({ replayed }) : text)
    return 0
  }
}

function requireService(stack: Stack, name: string | undefined): string {
  const names = stack.services.map(service => service.name)
  if (name && names.includes(name)) return name
  throw new Failure(`there is no service "${name ?? ''}"`, `Name one of ${names.join(', ')}`)
}
