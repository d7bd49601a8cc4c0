import assert from 'node:assert/strict'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { until } from '@bulkhead/testing/until'
import { unavailable } from '../src/core/problem.ts'
import { listDeadLetters, replayDeadLetters } from '../src/events/dead-letters.ts'
import { connectRedisStore } from '../src/redis/redis.ts'
import { consumers } from './consumers.ts'
import { redisEffects, testLog } from './counters.ts'
import { type Replica, replica } from './replica.ts'

/** The time-out (ms) of a test that starts three processes one after the other, which takes long on a busy machine. */
const STARTS_PROCESSES = 300_000

describe('a consumer of events that fail', () => {
  const { consume, publish, log, url, progress, allAcknowledged, dead } = consumers()

  it('moves an event that keeps failing to the dead letters, and handles the others', async () => {
    const attempts: string[] = []
    consume(async ({ subject }) => {
      attempts.push(subject)
      if (subject === 'poison') throw new Error('cannot be')
    })
    for (const subject of ['a', 'poison', 'b']) await publish(subject)
    await allAcknowledged()
    assert.deepEqual(attempts.sort(), ['a', 'b', ...Array(5).fill('poison')])
    const [letter, ...others] = await listDeadLetters(log(), 'adding')
    assert.deepEqual(others, [])
    assert.equal(JSON.parse(letter!.event).subject, 'poison')
    assert.equal(letter!.error, 'Error: cannot be')
    assert.equal(letter!.stream, 'events.counting')
    assert.match(letter!.entry, /^\d+-\d+$/)
    assert.ok(Date.now() - Date.parse(letter!.at) < 600_000)
  })

  it('does not count a 503 against an event', async () => {
    let attempts = 0
    consume(async () => {
      if (++attempts < 7) throw unavailable('The store')
    })
    await publish('a')
    await allAcknowledged()
    assert.equal(attempts, 7)
    assert.deepEqual(await dead(), [])
  })

  it('does not count a failure against an event while the store of its handler is unavailable', async () => {
    const way = await tcpProxy(url())
    const store = await connectRedisStore(way.url, testLog)
    const effects = redisEffects(store)
    let attempts = 0
    way.cut()
    consume(
      event => {
        attempts++
        return effects.handle(event)
      },
      { attempts: 2 }
    )
    await publish('a')
    await until(() => attempts > 4)
    assert.deepEqual(await dead(), [])
    way.mend()
    await allAcknowledged()
    assert.deepEqual([...(await effects.all())], [['a', [1]]])
    assert.deepEqual(await dead(), [])
    store.disconnect()
    way.close()
  })

  it('ends an attempt that takes too long', async () => {
    let attempts = 0
    consume(() => (++attempts === 1 ? new Promise(() => undefined) : Promise.resolve()), { handling: 50 })
    await publish('a')
    await allAcknowledged()
    assert.equal(attempts, 2)
  })

  for (const [what, fields] of Object.entries({
    'text that is not JSON': ['event', '{'],
    'JSON that is not a CloudEvent': ['event', '{"specversion":"1.0"}'],
    'no field for an event': ['other', 'x']
  })) {
    it(`moves an entry with ${what} to the dead letters`, async () => {
      consume(async () => undefined)
      await log().xadd('events.counting', '*', ...fields)
      await allAcknowledged()
      const [letter] = await dead()
      assert.equal(letter!.event, fields[0] === 'event' ? fields[1] : '{"other":"x"}')
      assert.match(letter!.error, /^The entry is not a CloudEvent/)
    })
  }

  it('leaves a failing event pending while the dead letters are full, and handles it again later', async () => {
    consume(() => Promise.reject(new Error('cannot be')), { attempts: 1, deadLetters: 1, idle: 200 })
    await publish('a')
    await until(async () => (await dead()).length === 1)
    await publish('b')
    await until(async () => (await progress())?.pending === 1)
    await log().del('events.adding.dead')
    await until(async () => (await dead()).length === 1)
    await allAcknowledged()
  })

  it('replays dead letters to the service that could not handle them, and to no other', async () => {
    const seen: string[] = []
    let works = false
    consume(
      async ({ subject }) => {
        if (!works) throw new Error('cannot be')
        seen.push(`adding ${subject}`)
      },
      { attempts: 1 }
    )
    consume(async ({ subject }) => void seen.push(`other ${subject}`), {}, 'other')
    for (const subject of ['a', 'b']) await publish(subject)
    await until(async () => (await dead()).length === 2)
    const places = async () =>
      (await listDeadLetters(log(), 'adding')).map(({ stream, entry }) => `${stream} ${entry}`).sort()
    const before = await places()
    assert.equal(await replayDeadLetters(log(), 'adding'), 2)
    await until(async () => (await dead()).length === 2)
    assert.deepEqual(await places(), before)
    assert.match(before[0]!, /^events\.counting /)
    works = true
    const [first] = await listDeadLetters(log(), 'adding')
    assert.equal(await replayDeadLetters(log(), 'adding', [first!.id]), 1)
    await until(() => seen.includes('adding a'))
    assert.equal(await replayDeadLetters(log(), 'adding'), 1)
    await until(() => seen.includes('adding b'))
    assert.deepEqual(seen.sort(), ['adding a', 'adding b', 'other a', 'other b'])
    assert.deepEqual(await dead(), [])
  })

  it('moves an event that kills its process to the dead letters, and handles all others once', async function () {
    this.timeout(STARTS_PROCESSES)
    const environment = { STORE_URL: url(), EVENT_LOG_URL: url() }
    let current: Replica | undefined
    let deaths = -1
    let ended = false
    const supervisor = (async () => {
      for (; !ended; deaths++) {
        current = await replica('subscriber.ts', environment)
        await current.ended
      }
    })()
    for (const subject of ['a', 'b', 'poison', 'c', 'd']) await publish(subject)
    await allAcknowledged(STARTS_PROCESSES / 2)
    ended = true
    await current!.stop()
    await supervisor
    assert.deepEqual(
      (await dead()).map(({ event }) => JSON.parse(event).subject),
      ['poison']
    )
    assert.equal(deaths, 2)
    assert.deepEqual((await log().keys('{effects}:?')).sort(), [
      '{effects}:a',
      '{effects}:b',
      '{effects}:c',
      '{effects}:d'
    ])
    for (const subject of ['a', 'b', 'c', 'd'])
      assert.deepEqual(await log().lrange(`{effects}:${subject}`, 0, -1), ['1'])
  })
})
