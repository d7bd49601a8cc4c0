import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { until } from '@bulkhead/testing/until'
import { defineEvent, pendingEvent, toCloudEvent } from '../src/contract/events.ts'
import { unavailable } from '../src/core/problem.ts'
import type { EventHandler } from '../src/events/subscription.ts'
import { connectRedisStore } from '../src/redis/redis.ts'
import { consumers } from './consumers.ts'
import { counted, removed, testLog, trace } from './counters.ts'

describe('subscribe', () => {
  const { consume, subscribed, publish, log, url, progress, allAcknowledged } = consumers()

  for (const { title, handles, difference } of [
    {
      title: 'throws if one of the `handles` has no handler',
      handles: [counted.type, removed.type],
      difference: `${removed.type} has no handler`
    },
    {
      title: 'throws if the type of a handler is not among the `handles`',
      handles: [],
      difference: `${counted.type} is not among its handles`
    }
  ]) {
    it(title, () => {
      const handlers = { [counted.type]: async () => undefined }
      assert.throws(
        () => subscribed(handlers, { contract: { handles } }),
        new Error(`The event handlers differ from the contract's handles (src/service.ts): ${difference}`)
      )
    })
  }

  it('gives each event to one of two replicas, with its context', async () => {
    const seen: string[] = []
    const handler: EventHandler = async (event, { requestId, traceparent, deadline }) => {
      assert.deepEqual({ requestId, traceparent }, { requestId: event.id, ...trace })
      assert.ok(deadline > Date.now())
      seen.push(event.subject)
    }
    consume(handler)
    consume(handler)
    const subjects = Array.from({ length: 100 }, (_, index) => `counter-${index}`)
    for (const subject of subjects) await publish(subject)
    await allAcknowledged()
    assert.deepEqual(seen.sort(), subjects.sort())
  })

  it('handles at most 16 events at once', async () => {
    let now = 0
    let most = 0
    for (let turn = 0; turn < 60; turn++) await publish('a')
    consume(async () => {
      most = Math.max(most, ++now)
      await setTimeout(5)
      now--
    })
    await allAcknowledged()
    assert.equal(most, 16)
  })

  it('acknowledges and counts an event without a handler', async () => {
    const { registry } = consume(async () => undefined)
    await publish('a', removed)
    await allAcknowledged()
    assert.match(
      await registry.metrics(),
      /bulkhead_events_consumed_total\{stream="events.counting",outcome="ignored"\} 1/
    )
  })

  it('handles the events of one publisher while all events of another wait for an unavailable service', async () => {
    const seen: string[] = []
    const other = defineEvent({ type: 'other.thing.done', summary: 'A thing was done' })
    const handlers = {
      [counted.type]: () => Promise.reject(unavailable('The publisher')),
      [other.type]: async ({ subject }: { subject: string }) => void seen.push(subject)
    }
    subscribed(handlers, { limits: { stop: 100 } })
    for (let turn = 0; turn < 100; turn++) await publish('a')
    await until(async () => ((await progress())?.pending ?? 0) >= 16)
    const event = toCloudEvent('other', 'b', pendingEvent(other, 1, new Date(), trace))
    await log().xadd('events.other', '*', 'event', JSON.stringify(event))
    await until(() => seen.includes('b'))
  })

  it('handles an event at once after its stream was quiet for some seconds', async () => {
    const seen: string[] = []
    consume(async ({ subject }) => void seen.push(subject))
    const waits = new RegExp(`idle=[2-4] .* db=${log().options.db} .* cmd=xreadgroup`) // has waited for 2 to 4 s
    await until(async () => waits.test(String(await log().client('LIST'))))
    await publish('a')
    await until(() => seen.includes('a'))
  })

  it('keeps an event that it handles for longer than the idle limit', async () => {
    const seen: string[] = []
    const slowly =
      (name: string): EventHandler =>
      async () => {
        seen.push(name)
        await setTimeout(4_000)
      }
    consume(slowly('one'), { idle: 1_000 })
    consume(slowly('other'), { idle: 1_000 })
    await publish('a')
    await allAcknowledged()
    assert.equal(seen.length, 1)
  })

  it('finishes running handlers when it stops, and leaves unfinished events to another replica', async () => {
    const seen: string[] = []
    const begun = new Set<string>()
    const released = Promise.withResolvers<void>()
    const first = consume(
      async ({ subject }) => {
        begun.add(subject)
        if (subject === 'stuck') throw unavailable('The store')
        await released.promise
        seen.push(`first ${subject}`)
      },
      { concurrency: 2 }
    )
    for (const subject of ['a', 'stuck', 'waiting']) await publish(subject)
    await until(async () => begun.size === 2 && (await progress())?.pending === 3)
    const stopped = first.stop()
    released.resolve()
    await stopped
    consume(async ({ subject }) => void seen.push(`second ${subject}`))
    await allAcknowledged()
    assert.deepEqual(seen.sort(), ['first a', 'second stuck', 'second waiting'])
  })

  it('stops at once while the log is unavailable', async () => {
    const way = await tcpProxy(url())
    const through = await connectRedisStore(way.url, testLog)
    try {
      for (let turn = 0; turn < 3; turn++) {
        const handlers = { [counted.type]: async () => undefined }
        const subscription = subscribed(handlers, { redis: through })
        await until(async () => (await progress()) !== undefined)
        way.cut()
        // One of these moments is between two attempts to connect again.
        await setTimeout(turn * 150 + 50)
        await subscription.stop()
        way.mend()
        await until(async () => through.status === 'ready')
      }
    } finally {
      through.disconnect()
      way.close()
    }
  })
})
