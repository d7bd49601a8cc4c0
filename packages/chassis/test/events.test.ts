import assert from 'node:assert/strict'
import { cloudEvent, defineEvent, newTrace, pendingEvent, toCloudEvent } from '../src/contract/events.ts'
import { counted, trace } from './counters.ts'

describe('events', () => {
  it('have types that name a service, an aggregate and a past participle', () => {
    for (const type of ['counted', 'counter.counted', 'Counting.counter.counted', 'a.b.c.d', 'a..c', 'a.b.c ']) {
      assert.throws(() => defineEvent({ type, summary: '' }), /is not <service>.<aggregate>.<past participle>/, type)
    }
  })

  it('are CloudEvents with the ID and the version of the aggregate, and no other data about it', () => {
    const at = new Date('2026-01-02T03:04:05.678Z')
    const { id, ...event } = toCloudEvent('counting', 'counter-1', pendingEvent(counted, 7, at, trace))
    assert.match(id, /^evt_[0-9a-z]{26}$/)
    assert.deepEqual(event, {
      specversion: '1.0',
      source: '/counting',
      type: 'counting.counter.counted',
      subject: 'counter-1',
      time: '2026-01-02T03:04:05.678Z',
      datacontenttype: 'application/json',
      traceparent: trace.traceparent,
      data: { version: 7 }
    })
    assert.ok(cloudEvent.safeParse({ id, ...event, another: 'extension' }).success)
    assert.ok(!cloudEvent.safeParse({ id, ...event, data: {} }).success)
  })

  it('get a new trace if no request caused them', () => {
    const [one, other] = [newTrace(), newTrace()]
    assert.match(one.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    assert.notEqual(one.traceparent, other.traceparent)
  })
})
