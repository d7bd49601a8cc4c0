import assert from 'node:assert/strict'
import { connect, redisServer } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { pendingEvent, toCloudEvent } from '../src/contract/events.ts'
import { type EventLog, eventLog } from '../src/events/event-log.ts'
import { eventLogRules } from '../src/events/event-log-access.ts'
import { subscribe } from '../src/events/subscription.ts'
import { connectRedis } from '../src/redis/redis.ts'
import { lagOfAllGroups } from '../src/redis/streams.ts'
import { clock, contractWith, counted, testLog, trace } from './counters.ts'

const stream = 'events.counting'
const event = () => toCloudEvent('counting', 'a', pendingEvent(counted, 1, new Date(), trace))

describe('eventLog', () => {
  let server: Awaited<ReturnType<typeof redisServer>>
  let redis: Redis
  let registry: Registry

  before(async () => {
    server = await redisServer()
    redis = connect(server.url)
  })
  beforeEach(async () => {
    registry = new Registry()
    await redis.flushall()
  })
  after(async () => {
    redis.disconnect()
    await server.stop()
  })

  const logOf = ({ cap = 100, now = clock.now } = {}): EventLog =>
    eventLog({ redis, service: 'counting', clock: { now }, registry, cap })
  const length = () => redis.xlen(stream)
  const read = async (group: string, count: number) => {
    const reply = await redis.xreadgroup('GROUP', group, 'one', 'COUNT', count, 'STREAMS', stream, '>')
    return reply![0]![1].map(([id]) => id)
  }

  it('returns the run of the log that accepted the events', async () => {
    const log = logOf()
    const run = await log.append([event(), event()])
    assert.equal(run, await log.run())
    assert.match(run, /^[0-9a-f]{40}$/)
    assert.equal(await length(), 2)
    assert.match(await registry.metrics(), /bulkhead_events_published_total\{type="counting.counter.counted"\} 2/)
  })

  it('can be used and subscribed to before its connection is ready, without a warning', async () => {
    const warnings: string[] = []
    const hearing = pino({ level: 'warn' }, { write: line => void warnings.push(line) })
    const own = connectRedis(server.url, 'event log', hearing)
    const log = eventLog({ redis: own, service: 'counting', clock, registry: new Registry() })
    const handled: string[] = []
    const handlers = { [counted.type]: async ({ id }: { id: string }) => void handled.push(id) }
    const storeProblem = (error: unknown) => error
    const options = {
      redis: own,
      service: 'adding',
      handlers,
      contract: contractWith(handlers),
      storeProblem,
      log: hearing,
      registry: new Registry()
    }
    const subscription = subscribe(options)
    const sent = event()
    await Promise.all([log.run(), log.trim(), log.append([sent])])
    await until(() => handled.includes(sent.id))
    await subscription.stop()
    own.disconnect()
    assert.deepEqual(warnings, [])
  })

  it('removes the entries before the first one that a group has not acknowledged', async () => {
    const log = logOf()
    for (const group of ['fast', 'slow']) await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM')
    await log.append(Array.from({ length: 6 }, event))
    await redis.xack(stream, 'fast', ...(await read('fast', 6)))
    await log.trim()
    assert.equal(await length(), 6)
    const ids = await read('slow', 4)
    await redis.xack(stream, 'slow', ids[0]!, ids[1]!, ids[3]!)
    await log.trim()
    assert.deepEqual((await redis.xrange(stream, '-', '+')).map(([id]) => id)[0], ids[2])
    assert.equal(await length(), 4)
    assert.deepEqual(await lagOfAllGroups(redis), [
      { stream, group: 'fast', lag: 0, pending: 0, lastDelivered: (await redis.xrange(stream, '-', '+')).at(-1)![0] },
      { stream, group: 'slow', lag: 3, pending: 1, lastDelivered: ids[3] }
    ])
  })

  it('removes old entries while no service is subscribed', async () => {
    let later = 0
    const log = logOf({ now: () => new Date(Date.now() + later) })
    await log.append([event()])
    later = 9 * 60_000
    await log.trim()
    assert.equal(await length(), 1)
    later = 11 * 60_000
    await log.trim()
    assert.equal(await length(), 0)
  })

  it('refuses events at the cap until the slowest group has acknowledged some', async () => {
    const log = logOf({ cap: 3 })
    await redis.xgroup('CREATE', stream, 'slow', '0', 'MKSTREAM')
    await log.append([event(), event(), event()])
    await assert.rejects(log.append([event()]), { name: 'Problem', status: 503 })
    assert.match(await registry.metrics(), /bulkhead_relay_stopped 1/)
    await redis.xack(stream, 'slow', ...(await read('slow', 2)))
    await log.append([event()])
    assert.match(await registry.metrics(), /bulkhead_relay_stopped 0/)
  })

  describe('with the rules of a service', () => {
    let own: Redis

    beforeEach(async () => {
      await redis.acl('SETUSER', 'counting', 'on', '>secret', ...eventLogRules('counting'))
      own = new Redis(server.url, { username: 'counting', password: 'secret', commandTimeout: 1_000 })
    })
    afterEach(() => own.disconnect())

    it('lets the service publish, subscribe, take over and trim', async () => {
      const log = eventLog({ redis: own, service: 'counting', clock, registry })
      const handled: string[] = []
      await redis.xadd('events.counting.replay', '*', 'event', JSON.stringify({ ...event(), id: 'evt_replayed' }))
      const handlers = { [counted.type]: async ({ id }: { id: string }) => void handled.push(id) }
      const storeProblem = (error: unknown) => error
      const subscription = subscribe({
        redis: own,
        service: 'counting',
        handlers,
        contract: contractWith(handlers),
        storeProblem,
        log: testLog,
        registry
      })
      const sent = event()
      await log.append([sent])
      await until(() => handled.length === 2)
      assert.deepEqual(handled.sort(), [sent.id, 'evt_replayed'].sort())
      await subscription.stop()
      await log.trim()
      await own.xadd('events.counting.dead', '*', 'event', '{}')
    })

    it('forbids to write to the streams of another service, to read other keys and to administer', async () => {
      const refused = { message: /NOPERM/ }
      await assert.rejects(own.xadd('events.other', '*', 'event', '{}'), refused)
      await assert.rejects(own.xadd('events.other.dead', '*', 'event', '{}'), refused)
      await assert.rejects(own.xtrim('events.other', 'MAXLEN', 0), refused)
      await assert.rejects(own.del('events.counting'), refused)
      await assert.rejects(own.xgroup('DESTROY', 'events.counting', 'x'), refused)
      await assert.rejects(own.xgroup('SETID', 'events.counting', 'x', '0'), refused)
      await assert.rejects(own.get('anything'), refused)
      await assert.rejects(own.flushall(), refused)
      await assert.rejects(own.config('GET', '*'), refused)
    })
  })
})
