import { deepEqual, equal } from 'node:assert/strict'
import { entryParser } from '../../src/logs/entry.ts'
import { passes } from '../../src/logs/filter.ts'

const TIME = '2026-11-30T12:00:01.123Z'

describe('the lines of logs', () => {
  it('have the time and the level of their JSON', () => {
    const raw = JSON.stringify({ time: TIME, level: 'warn', msg: 'away' })
    const { time, level, fields } = entryParser('cart')(raw)
    deepEqual({ time, level, msg: fields?.msg }, { time: Date.parse(TIME), level: 40, msg: 'away' })
  })

  it('have the time and the level of MongoDB and of Redis', () => {
    const mongodb = JSON.stringify({ t: { $date: TIME }, s: 'W', c: 'NETWORK', msg: 'Slow query' })
    deepEqual(pick(entryParser('orders-mongod')(mongodb)), { time: Date.parse(TIME), level: 40 })
    const redis = '123:M 30 Nov 2026 12:00:01.123 * Ready to accept connections'
    deepEqual(pick(entryParser('event-log')(redis)), { time: Date.parse('2026-11-30T12:00:01.123'), level: 30 })
  })

  it('have the time of the line before if they show none', () => {
    const parse = entryParser('cart')
    parse(JSON.stringify({ time: TIME, level: 'error', msg: 'crash' }))
    deepEqual(pick(parse('    at somewhere')), { time: Date.parse(TIME), level: undefined })
  })

  it('pass a filter by level, time and the start of a trace', () => {
    const entry = entryParser('cart')(JSON.stringify({ time: TIME, level: 'info', traceId: '4bf92f3577b34da6' }))
    equal(passes({ level: 30, since: Date.parse(TIME), trace: '4bf92f35' }, entry), true)
    equal(passes({ level: 40 }, entry), false)
    equal(passes({ since: Date.parse(TIME) + 1 }, entry), false)
    equal(passes({ trace: '4bf92f36' }, entry), false)
  })

  it('pass every level if they show none, such as the stack of a crash', () => {
    equal(passes({ level: 50 }, entryParser('cart')('    at somewhere')), true)
  })
})

const pick = ({ time, level }: { time: number; level: number | undefined }) => ({ time, level })
