import assert from 'node:assert/strict'
import { mongoDatabase } from '@bulkhead/testing/mongo-database'
import { redisDatabase } from '@bulkhead/testing/redis-database'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { type CloudEvent, pendingEvent, toCloudEvent } from '../src/contract/events.ts'
import { newSecretId } from '../src/core/ids.ts'
import { inSpan } from '../src/core/tracing.ts'

import { connectMongo } from '../src/mongo/mongo.ts'
import { connectRedisStore, redisScript } from '../src/redis/redis.ts'
import { asked, clientTarget, fail, within } from './client-target.ts'
import { consumers } from './consumers.ts'
import { counted, countingLog, testLog } from './counters.ts'
import { makeApp } from './greetings.ts'
import { sampled, spanIdOf, traced } from './traced.ts'

/** Runs work in the span `work` of the sampled caller. */
const inWork = <T>(work: () => Promise<T>) => inSpan({ name: 'work', kind: 'internal', parent: sampled }, work)

describe('the span of a request', () => {
  const { spans } = traced()

  it('has the name of the operation, its route and its status', async () => {
    await request(makeApp().app).get('/away').set('traceparent', sampled).expect(503)
    const [span] = await spans()
    assert.deepEqual(
      { name: span!.name, kind: span!.kind, parent: span!.parentSpanId, isFailed: span!.isFailed },
      { name: 'away', kind: 'server', parent: spanIdOf(sampled), isFailed: true }
    )
    assert.deepEqual(span!.attributes, {
      'http.request.method': 'GET',
      'http.response.status_code': 503,
      'http.route': '/away',
      'url.path': '/away',
      'url.scheme': 'http',
      'error.type': '503'
    })
  })

  it('has the ID of the request, if that is not the ID of the trace', async () => {
    await request(makeApp().app).get('/away').set('X-Request-Id', 'r-1')
    assert.deepEqual((await spans())[0]!.attributes['http.request.header.x-request-id'], ['r-1'])
  })

  it('has the place of the resource that it created', async () => {
    await request(makeApp().app).post('/things?status=201').expect(201)
    assert.match(String((await spans())[0]!.attributes['http.response.header.location']), /^things\//)
  })

  it('shows no secret ID, no query and no header', async () => {
    const path = `/carts/${newSecretId('crt')}?email=hidden-1`
    const headers = { 'Order-Secret': 'hidden-2', Authorization: 'Bearer hidden-3', 'User-Agent': 'hidden-4' }
    await request(makeApp().app).get(path).set(headers)
    const received = await spans()
    assert.equal(received[0]!.attributes['url.path'], '/carts/crt_***')
    assert.ok(!JSON.stringify(received).includes('hidden'))
  })
})

describe('the span of a call', () => {
  const { spans } = traced()
  const target = clientTarget()

  it('is one for each attempt, and the target continues its trace', async () => {
    let attempts = 0
    target.answer = (incoming, response) => {
      if (++attempts === 1) fail(503)(incoming, response)
      else response.end(JSON.stringify({ id: 'prd_1', price: { amount: 100 } }))
    }
    await target.connect().getProduct(asked, { ...within(5_000), traceparent: sampled })
    const received = await spans()
    const seen = target.requests.map(({ headers }) => spanIdOf(String(headers.traceparent)))
    assert.deepEqual(
      received.map(({ spanId }) => spanId),
      seen
    )
    assert.deepEqual(
      received.map(({ name, attributes, isFailed }) => ({
        name,
        resends: attributes['http.request.resend_count'],
        isFailed
      })),
      [
        { name: 'catalog.getProduct', resends: undefined, isFailed: true },
        { name: 'catalog.getProduct', resends: 1, isFailed: false }
      ]
    )
  })

  it('names the address and the path of the target, without the query', async () => {
    const input = { params: { id: 'prd_1' }, query: { fields: ['hidden'] } }
    await target.connect().getProduct(input, { ...within(5_000), traceparent: sampled })
    const [span] = await spans()
    assert.equal(span!.attributes['url.full'], `${target.url}products/prd_1`)
    assert.equal(span!.attributes['server.address'], '127.0.0.1')
    assert.ok(!JSON.stringify(span).includes('hidden'))
  })
})

describe('the spans of store commands', () => {
  const { spans } = traced()

  it('of Redis have the command and the script, but no arguments, and only exist within other spans', async () => {
    const database = await redisDatabase()
    const redis = await connectRedisStore(database.url, testLog)
    const greet = redisScript<string>(redis, 'greeter:greet', 'return ARGV[1]', 'reads')
    await redis.set('hidden-key', 'hidden')
    await inWork(async () => {
      await redis.set('hidden-key', 'hidden')
      await greet(['hidden-key'], ['hidden'])
      await assert.rejects(redis.incr('hidden-key'))
    })
    redis.disconnect()
    await database.close()
    const received = await spans()
    const named = (wanted: string) => received.filter(({ name }) => name === wanted)
    const commands = received.filter(({ kind }) => kind === 'client')
    assert.deepEqual([named('set').length, named('incr')[0]!.isFailed], [1, true])
    assert.ok(commands.some(({ attributes }) => attributes['db.stored_procedure.name'] === 'greeter:greet'))
    assert.ok(commands.every(({ parentSpanId }) => parentSpanId === named('work')[0]!.spanId))
    assert.ok(!JSON.stringify(received).includes('hidden'))
  })

  it('of MongoDB have the command and the collection, but no filter and no document', async () => {
    const database = await mongoDatabase()
    const { db, close } = await connectMongo(database.url, 'greeter')
    const greetings = db.collection<{ _id: string }>('greetings')
    await greetings.insertOne({ _id: 'hidden-1' })
    await inWork(async () => {
      await greetings.findOne({ _id: 'hidden-1' })
      await assert.rejects(greetings.insertOne({ _id: 'hidden-1' }))
    })
    await close()
    await database.close()
    const received = await spans()
    const named = (wanted: string) => received.find(({ name }) => name === wanted)!
    const [find, insert] = [named('find greetings'), named('insert greetings')]
    assert.deepEqual(
      [find.parentSpanId, insert.parentSpanId, received.length],
      [named('work').spanId, named('work').spanId, 3]
    )
    assert.equal(find.attributes['db.system.name'], 'mongodb')
    assert.ok(!JSON.stringify(received).includes('hidden'))
  })
})

describe('the spans of an event', () => {
  const { spans } = traced()
  const { consume, log, allAcknowledged } = consumers()

  it('continue the trace of the request through the event log, with a link', async () => {
    const event: CloudEvent = toCloudEvent(
      'counting',
      'a',
      pendingEvent(counted, 1, new Date(), { traceparent: sampled })
    )
    const given: string[] = []
    consume(async (_event, { traceparent }) => void given.push(traceparent))
    await countingLog(log()).append([event])
    await allAcknowledged()
    const received = await spans()
    const [send, process] = ['producer', 'consumer'].map(wanted => received.find(({ kind }) => kind === wanted))
    assert.deepEqual([send!.name, process!.name], [`send ${counted.type}`, `process ${counted.type}`])
    assert.deepEqual([send!.kind, process!.kind], ['producer', 'consumer'])
    assert.deepEqual([send!.parentSpanId, process!.parentSpanId], [spanIdOf(sampled), send!.spanId])
    assert.deepEqual(process!.links, [send!.spanId])
    assert.deepEqual(given.map(spanIdOf), [process!.spanId])
    assert.equal(process!.attributes['messaging.consumer.group.name'], 'adding')
  })

  it('show each attempt to handle it', async () => {
    let attempts = 0
    consume(async () => {
      if (++attempts === 1) throw new TypeError('once')
    })
    await countingLog(log()).append([
      toCloudEvent('counting', 'a', pendingEvent(counted, 1, new Date(), { traceparent: sampled }))
    ])
    await until(() => attempts === 2)
    await allAcknowledged()
    const handled = (await spans()).filter(({ kind }) => kind === 'consumer')
    assert.deepEqual(
      handled.map(({ attributes }) => attributes['error.type']),
      ['TypeError', undefined]
    )
  })
})
