import assert from 'node:assert/strict'
import * as stable from '@opentelemetry/semantic-conventions'
import * as incubating from '@opentelemetry/semantic-conventions/incubating'
import { SPAN_ATTRIBUTES } from '../src/core/span-attributes.ts'
import { inSpan, startSpan, startTrace } from '../src/core/tracing.ts'
import { countingQueue } from '../src/tracing/counting-queue.ts'
import { noCounts, sampled, spanIdOf, traced, unsampled } from './traced.ts'

describe('openTelemetry', () => {
  const { receiver, spans } = traced({ headers: { authorization: 'Bearer collector' } })

  it('sends spans with the name, version and namespace of the service', async () => {
    startTrace(undefined, { name: 'greet', kind: 'server' }).span!.end()
    const [span] = await spans()
    assert.deepEqual(span!.resource, {
      'service.name': 'greeter',
      'service.version': '1.2.3',
      'service.namespace': 'shop'
    })
    const [{ path, headers } = { path: '', headers: {} }] = receiver().requests
    assert.equal(path, '/v1/traces')
    assert.equal(headers.authorization, 'Bearer collector')
  })

  it('continues the trace of the caller, and links to the spans that it continues', async () => {
    const { traceparent, span } = startTrace(sampled, { name: 'greet', kind: 'consumer', links: [sampled] })
    span!.end()
    const [received] = await spans()
    assert.equal(received!.traceId, sampled.slice(3, 35))
    assert.equal(received!.parentSpanId, spanIdOf(sampled))
    assert.equal(received!.spanId, spanIdOf(traceparent))
    assert.deepEqual({ links: received!.links, kind: received!.kind }, { links: [spanIdOf(sampled)], kind: 'consumer' })
  })

  it('records the class or the code of an error, and never its message', async () => {
    const failures = [Object.assign(new Error('card 4242'), { code: 'ECONNRESET' }), new TypeError('card 4242'), '503']
    for (const failure of failures) startSpan({ name: 'pay', kind: 'client', parent: sampled })!.end(failure)
    const received = await spans()
    assert.deepEqual(received.map(({ attributes }) => attributes['error.type']).sort(), [
      '503',
      'ECONNRESET',
      'TypeError'
    ])
    assert.ok(received.every(({ isFailed }) => isFailed))
    assert.ok(!JSON.stringify(received).includes('4242'))
  })

  it('starts a new trace if the traceparent of the caller is malformed', async () => {
    const { traceparent, span } = startTrace('00-nothing', { name: 'greet', kind: 'server' })
    span!.end()
    assert.equal((await spans())[0]!.parentSpanId, '')
    assert.match(traceparent, /-01$/)
  })

  it('links a span to the work of another trace that starts it', async () => {
    const other = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
    await inSpan({ name: 'handle', kind: 'consumer', parent: sampled }, () =>
      inSpan({ name: 'drive', kind: 'internal', parent: other }, async () => undefined)
    )
    const received = await spans()
    const find = (wanted: string) => received.find(({ name }) => name === wanted)!
    assert.deepEqual(find('drive').links, [find('handle').spanId])
    assert.equal(find('drive').traceId, '1'.repeat(32))
  })
})

describe('sampling at a ratio of 0', () => {
  const { spans } = traced({ ratio: 0 })

  it('samples no new trace, and says so to the services that it calls', async () => {
    const { traceparent, span } = startTrace(undefined, { name: 'greet', kind: 'server' })
    assert.equal(span, undefined)
    assert.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    assert.equal(startSpan({ name: 'ask', kind: 'client', parent: traceparent }), undefined)
    assert.deepEqual(await spans(), [])
  })

  it('records the trace of a caller that samples it', async () => {
    startTrace(sampled, { name: 'greet', kind: 'server' }).span!.end()
    assert.equal((await spans()).length, 1)
  })
})

describe('sampling at a ratio of 1', () => {
  traced()

  it('records no trace of a caller that does not sample it, and keeps its flag', () => {
    const { traceparent, span } = startTrace(unsampled, { name: 'greet', kind: 'server' })
    assert.equal(span, undefined)
    assert.match(traceparent, /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/)
  })
})

describe('sampling at a ratio of 0.1', () => {
  traced({ ratio: 0.1 })

  it('samples about a tenth of the new traces', () => {
    const started = Array.from({ length: 2_000 }, () => startTrace(undefined, { name: 'greet', kind: 'server' }))
    const part = started.filter(({ span }) => span).length / started.length
    assert.ok(part > 0.06 && part < 0.14, String(part))
    assert.ok(started.every(({ traceparent, span }) => traceparent.endsWith(span ? '01' : '00')))
  })
})

describe('without a tracer', () => {
  it('continues traces as W3C Trace Context says, and records nothing', () => {
    const { traceparent, span } = startTrace(unsampled, { name: 'greet', kind: 'server' })
    assert.match(traceparent, /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/)
    assert.equal(span, undefined)
    assert.match(startTrace(undefined, { name: 'greet', kind: 'server' }).traceparent, /-01$/)
  })
})

describe('the attributes of spans', () => {
  const headers = [stable.ATTR_HTTP_REQUEST_HEADER('x-request-id'), stable.ATTR_HTTP_RESPONSE_HEADER('location')]
  const stableKeys = new Set<unknown>([...Object.values(stable), ...headers])
  const isKnown = (key: string) => stableKeys.has(key) || Object.values<unknown>(incubating).includes(key)

  it('have keys of the semantic conventions', () =>
    assert.deepEqual(
      SPAN_ATTRIBUTES.filter(key => !isKnown(key)),
      []
    ))

  it('are stable, except those of messages and events, for which there are no stable ones yet', () => {
    const unstable = SPAN_ATTRIBUTES.filter(key => !stableKeys.has(key))
    assert.deepEqual(
      unstable.filter(key => !/^(messaging|cloudevents)\./.test(key)),
      []
    )
  })
})

describe('the queue of spans', () => {
  it('drops spans beyond its limit while the receiver does not answer', () => {
    let dropped = 0
    let waiting = 0
    const counts = {
      ...noCounts,
      waiting(spans: number) {
        waiting = spans
      },
      dropped() {
        dropped++
      }
    }
    const { processor } = countingQueue({ export: () => undefined, shutdown: async () => undefined }, counts)
    const span = { spanContext: () => ({ traceFlags: 1 }), resource: {} } as Parameters<typeof processor.onEnd>[0]
    for (let count = 0; count < 3_000; count++) processor.onEnd(span)
    assert.deepEqual({ waiting, dropped }, { waiting: 2_048, dropped: 952 })
  })
})
