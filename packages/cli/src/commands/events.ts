import { streamsOf } from '@bulkhead/chassis/contract'
import { discardDeadLetters, listDeadLetters, replayDeadLetters } from '@bulkhead/chassis/events'
import { lagOfAllGroups } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import type { Command } from '../command-line/command.ts'
import { withEventLog } from '../event-log/event-log-connection.ts'
import { Failure } from '../failure.ts'
import { table } from '../output/table.ts'
import type { Stack } from '../services/stack.ts'

const MAX_LETTERS = 1_000

/** `bulkhead events lag` */
export const eventsLagCommand: Command = {
  usage: 'events lag [--json]',
  summary: 'how far each subscriber is behind each stream of events',
  examples: [['bulkhead events lag', 'all streams and subscribers as a table']],
  options: { json: { type: 'boolean' } },
  async run({ stack, options }) {
    const lags = await withEventLog(stack, lagOfAllGroups)
    const rows = lags.map(({ stream, group, lag, pending, lastDelivered }) => [
      stream,
      group,
      String(lag),
      String(pending),
      lastDelivered
    ])
    const head = ['STREAM', 'SUBSCRIBER', 'BEHIND', 'IN WORK', 'LAST']
    const text = rows.length > 0 ? table([head, ...rows]) : 'No service subscribes to events'
    console.log(options.json ? JSON.stringify(lags, undefined, 2) : text)
    return 0
  }
}

/** `bulkhead events dead SERVICE` */
export const eventsDeadCommand: Command = {
  usage: 'events dead SERVICE [--json]',
  summary: 'the events that a service could not handle, with the error of each',
  details: `Oldest first, at most ${MAX_LETTERS}.`,
  examples: [['bulkhead events dead cart', 'the dead letters of cart']],
  options: { json: { type: 'boolean' } },
  async run({ stack, words: [service = ''], options }) {
    const name = requireService(stack, service)
    const letters = await withEventLog(stack, redis => listDeadLetters(redis, name, { limit: MAX_LETTERS }))
    const rows = letters.map(({ id, at, stream, error, event }) => [id, at, stream, error, event])
    const head = ['ID', 'AT', 'STREAM', 'ERROR', 'EVENT']
    const text = rows.length > 0 ? table([head, ...rows]) : `${name} has no dead letters`
    console.log(options.json ? JSON.stringify(letters, undefined, 2) : text)
    return 0
  }
}

/** `bulkhead events replay SERVICE` */
export const eventsReplayCommand: Command = {
  usage: 'events replay SERVICE [ID...] [--json]',
  summary: 'deliver the events again that a service could not handle',
  details: 'Without an ID, all of them. --json prints their number. Handling an event twice does no harm.',
  examples: [
    ['bulkhead events replay cart', 'all of them, after you have fixed the cause'],
    ['bulkhead events replay cart 1700000000000-0', 'one of them, by the ID of its dead letter']
  ],
  options: { json: { type: 'boolean' } },
  async run({ stack, words: [service = '', ...ids], options }) {
    const name = requireService(stack, service)
    const replayed = await withEventLog(stack, async redis => {
      await requireDead(redis, name, ids, 'replayed')
      return replayDeadLetters(redis, name, ids.length > 0 ? ids : undefined)
    })
    const text = `Replayed ${replayed} ${replayed === 1 ? 'event' : 'events'} to ${name}`
    console.log(options.json ? JSON.stringify({ replayed }) : text)
    return 0
  }
}

/** `bulkhead events discard SERVICE ID` */
export const eventsDiscardCommand: Command = {
  usage: 'events discard SERVICE ID... [--json]',
  summary: 'delete events that a service could not handle',
  details: 'The service never receives these events. --json prints their number.',
  examples: [['bulkhead events discard cart 1700000000000-0', 'one of them, by the ID of its dead letter']],
  options: { json: { type: 'boolean' } },
  async run({ stack, words: [service = '', ...ids], options }) {
    const name = requireService(stack, service)
    const discarded = await withEventLog(stack, async redis => {
      await requireDead(redis, name, ids, 'discarded')
      return discardDeadLetters(redis, name, ids)
    })
    const text = `Discarded ${discarded} ${discarded === 1 ? 'event' : 'events'} of ${name}`
    console.log(options.json ? JSON.stringify({ discarded }) : text)
    return 0
  }
}

/** Fails unless the service has a dead letter for each of the IDs. */
async function requireDead(redis: Redis, service: string, ids: string[], done: 'replayed' | 'discarded') {
  const { dead } = streamsOf(service)
  const isDead = async (id: string) => /^\d+-\d+$/.test(id) && (await redis.xrange(dead, id, id)).length > 0
  const exists = await Promise.all(ids.map(isDead))
  const unknown = ids.filter((_, index) => !exists[index])
  if (unknown.length === 0) return
  throw new Failure(
    `${service} has no dead letter ${unknown.join(', ')}; nothing was ${done}`,
    `List the IDs: bulkhead events dead ${service}`
  )
}

function requireService(stack: Stack, name: string): string {
  const names = stack.services.map(service => service.name)
  if (names.includes(name)) return name
  throw new Failure(`there is no service "${name}"`, `Choose from ${names.join(', ')}`)
}
