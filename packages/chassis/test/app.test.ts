import assert from 'node:assert/strict'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import request from 'supertest'
import * as z from 'zod'
import { createApp } from '../src/app.ts'
import type { Caller } from '../src/caller.ts'
import { systemClock } from '../src/clock.ts'
import { newSecretId } from '../src/ids.ts'
import { operation } from '../src/operation.ts'
import { unauthenticated, unavailable } from '../src/problem.ts'
import { operations } from '../src/routes.ts'

const greet = operation({
  id: 'greet',
  method: 'post',
  path: '/greetings/{name}',
  summary: 'Greet',
  callers: ['customer'],
  params: z.object({ name: z.string().max(5) }),
  query: z.object({ times: z.coerce.number().int().max(3).default(1) }),
  body: z.object({ from: z.object({ name: z.string() }) }),
  bodyLimit: 100,
  answers: { 200: { description: 'The greeting', body: z.object({ text: z.string() }) } }
})
const fail = operation({
  id: 'fail',
  method: 'get',
  path: '/fail',
  summary: 'Fail',
  callers: ['public'],
  answers: { 204: { description: 'Never', body: null } }
})
const away = operation({ ...fail, id: 'away', path: '/away' })
const change = operation({
  id: 'change',
  method: 'put',
  path: '/thing',
  summary: 'Change',
  callers: ['public'],
  guarded: true,
  keyed: true,
  answers: {
    200: { description: 'What it was told', body: z.object({ ifMatch: z.int(), key: z.string().optional() }) }
  }
})

const make = operation({
  id: 'make',
  method: 'post',
  path: '/things',
  summary: 'Make',
  callers: ['public'],
  query: z.object({ status: z.coerce.number() }),
  answers: { 201: { description: 'New', body: z.object({ id: z.string() }) }, 200: { description: 'Old', body: null } }
})

const callers: Record<string, Caller> = {
  'Bearer ada': { kind: 'person', id: 'cus_1', roles: ['customer'] },
  'Bearer cart': { kind: 'service', name: 'cart' }
}

function makeApp() {
  const registry = new Registry()
  const lines: Record<string, unknown>[] = []
  const log = pino({}, { write: line => void lines.push(JSON.parse(line)) })
  const { router } = operations()
    .handle(greet, async ({ params, query, body, context }) => ({
      status: 200,
      body: {
        text: `${'Hi '.repeat(query.times)}${params.name}, ${body.from.name}`,
        keys: Object.keys(body),
        by: context.caller
      }
    }))
    .handle(change, async ({ ifMatch, requestKey }) => ({
      status: 200,
      body: { ifMatch, key: requestKey?.of(1).key }
    }))
    .handle(make, async ({ query }) => ({ status: query.status as 201, body: { id: 'thg_1' } }))
    .handle(fail, async () => {
      throw new Error('the password is 1234')
    })
    .handle(away, async () => {
      throw unavailable('The store', 1, new Error('connect 10.0.0.1'))
    })
  const app = createApp({
    log,
    registry,
    clock: systemClock,
    contract: { digest: 'sha256:1' },
    routers: [router],
    storeProblem: error => error,
    verify(authorization) {
      if (authorization === undefined) return { kind: 'anonymous' }
      const caller = callers[authorization]
      if (!caller) throw unauthenticated('The token is not valid')
      return caller
    }
  })
  return { app, registry, lines }
}

const send = (path = '/greetings/Bob', token = 'Bearer ada') =>
  request(makeApp().app).post(path).set('Authorization', token)

describe('createApp', () => {
  it('names in a problem the path that the client asked a gateway for, where that is one', async () => {
    const { app } = makeApp()
    const instanceFor = async (prefix: string) =>
      (await request(app).get('/nothing').set('X-Forwarded-Prefix', prefix).expect(404)).body.instance
    assert.equal(await instanceFor('/api/v1/greeter'), '/api/v1/greeter/nothing')
    assert.equal(await instanceFor('https://elsewhere.example'), '/nothing')
  })

  it('gives a handler its input by the schemas, without what they do not name', async () => {
    const { status, body, headers } = await send('/greetings/Bob?times=2&else=1').send({
      from: { name: 'Ada' },
      more: 1
    })
    assert.equal(status, 200)
    assert.equal(body.text, 'Hi Hi Bob, Ada')
    assert.deepEqual(body.keys, ['from'])
    assert.equal(headers['x-content-type-options'], 'nosniff')
  })

  it('says of what it created, and of nothing else, where it is', async () => {
    assert.equal((await send('/things?status=201')).headers.location, 'things/thg_1')
    assert.equal((await send('/things?status=200')).headers.location, undefined)
  })

  it('names every wrong place of an input by a JSON pointer', async () => {
    const { status, body, type } = await send().send({ from: { name: { $gt: '' } } })
    assert.equal(status, 400)
    assert.equal(type, 'application/problem+json')
    assert.equal(body.type, 'urn:bulkhead:problem:invalid-input')
    assert.deepEqual(
      body.errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/body/from/name']
    )
    assert.equal((await send('/greetings/Barbara')).body.errors[0].pointer, '/params/name')
    assert.equal((await send('/greetings/Bob?times=9').send({})).body.errors[0].pointer, '/query/times')
  })

  for (const [what, text] of [
    ['what is not JSON', '{"from":'],
    ['nothing', ''],
    ['a prototype', '{"from":{"__proto__":{"name":"x"}}}'],
    ['a prototype in escapes', '{"\\u005f_proto__":{"name":"x"}}'],
    ['a constructor', '{"constructor":{"prototype":{"name":"x"}}}']
  ] as const) {
    it(`refuses ${what} as a body`, async () => {
      const { status, body } = await send().type('json').send(text)
      assert.equal(status, 400)
      assert.equal(body.errors[0].pointer, '/body')
    })
  }

  it('says that a body is needed where there is none', async () => {
    assert.equal((await send()).body.errors[0].detail, 'A body is needed')
  })

  it('refuses a body over the limit with 413', async () => {
    assert.equal((await send().send({ from: { name: 'x'.repeat(200) } })).status, 413)
  })

  it('answers 401 without a token or with a bad one, and 403 to who may not', async () => {
    const anonymous = await request(makeApp().app).post('/greetings/Bob')
    assert.equal(anonymous.status, 401)
    assert.equal(anonymous.headers['www-authenticate'], 'Bearer')
    const forged = await send('/greetings/Bob', 'Bearer forged')
    assert.equal(forged.status, 401)
    assert.match(forged.headers['www-authenticate']!, /^Bearer error="invalid_token"/)
    assert.equal((await send('/greetings/Bob', 'Bearer cart')).status, 403)
  })

  it('never shows the cause of a 500, and logs it with the ID that it answers', async () => {
    const { app, lines } = makeApp()
    const { status, text, headers } = await request(app).get('/fail').set('X-Request-Id', 'r-1')
    assert.equal(status, 500)
    assert.doesNotMatch(text, /1234/)
    assert.equal(headers['x-request-id'], 'r-1')
    const logged = lines.find(({ err }) => err) as { requestId: string; err: { message: string } }
    assert.equal(logged.requestId, 'r-1')
    assert.match(logged.err.message, /1234/)
  })

  it('logs what is away as one warning without a stack', async () => {
    const { app, lines } = makeApp()
    const { headers, text } = await request(app).get('/away').expect(503)
    assert.equal(headers['retry-after'], '1')
    assert.doesNotMatch(text, /10.0.0.1/)
    const [warning, ...others] = lines.filter(({ level }) => Number(level) > 30)
    assert.deepEqual(others, [])
    assert.deepEqual(
      [warning!.level, warning!.msg, warning!.cause, warning!.err],
      [40, 'The store is not available', 'connect 10.0.0.1', undefined]
    )
  })

  it('logs no request for its contract among those of its operations', async () => {
    const { app, lines } = makeApp()
    await request(app).get('/.well-known/contract').expect(200)
    await request(app).get('/fail').expect(500)
    const requests = lines.filter(({ msg }) => msg === 'request')
    assert.deepEqual(
      requests.map(({ path }) => path),
      ['/fail']
    )
  })

  it('logs no ID that is a secret', async () => {
    const { app, lines } = makeApp()
    await request(app)
      .get(`/carts/${newSecretId('crt')}`)
      .expect(404)
    assert.equal(lines.find(({ msg }) => msg === 'request')!.path, '/carts/crt_***')
  })

  it('goes on with the trace of the caller in its log', async () => {
    const { app, lines } = makeApp()
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    await request(app).get('/fail').set('traceparent', `00-${trace}-00f067aa0ba902b7-01`)
    assert.ok(lines.length > 0 && lines.every(({ traceId }) => traceId === trace))
  })

  it('counts requests by operation, and what is none as none', async () => {
    const { app, registry } = makeApp()
    await request(app).get('/fail')
    await request(app).get('/no/such/operation').expect(404)
    await request(app).get('/%E0%A4%A').expect(404)
    const text = await registry.metrics()
    assert.match(text, /bulkhead_request_duration_seconds_count\{operation="fail",status="500"\} 1/)
    assert.match(text, /bulkhead_request_duration_seconds_count\{operation="none",status="404"\} 2/)
  })

  it('reads the version of a guarded operation, and the key of a keyed one', async () => {
    const put = () => request(makeApp().app).put('/thing')
    assert.equal((await put()).status, 428)
    assert.equal((await put().set('If-Match', '*')).body.errors[0].pointer, '/headers/if-match')
    assert.deepEqual((await put().set('If-Match', '"7"')).body, { ifMatch: 7 })
    const keyed = (key: string) => put().set('If-Match', '"7"').set('Idempotency-Key', key)
    assert.equal(typeof (await keyed('order-0001-of-a-guest')).body.key, 'string')
    const { status, body } = await keyed('order-0001')
    assert.deepEqual([status, body.errors[0].pointer], [400, '/headers/idempotency-key'])
  })

  it('counts the fields that it does not know, at any depth', async () => {
    const { app, registry } = makeApp()
    const body = { from: { name: 'Ada', age: 36 }, more: { than: 1 } }
    await request(app).post('/greetings/Bob?else=1').set('Authorization', 'Bearer ada').send(body).expect(200)
    assert.match(await registry.metrics(), /bulkhead_unknown_input_fields_total\{operation="greet"\} 3/)
  })

  it('takes only handlers whose answers its operations have, as far as types tell', () => {
    const unused = operations()
    // @ts-expect-error There is no text.
    unused.handle(greet, async () => ({ status: 200, body: {} }))
    // @ts-expect-error It is a number.
    unused.handle(greet, async () => ({ status: 200, body: { text: 1 } }))
    // @ts-expect-error There is no such status.
    unused.handle(greet, async () => ({ status: 201, body: { text: '' } }))
    // @ts-expect-error It has a body.
    unused.handle(greet, async () => ({ status: 200 }))
    // @ts-expect-error It has none.
    unused.handle(fail, async () => ({ status: 204, body: { text: '' } }))
  })

  it('serves its contract to anyone', async () => {
    assert.deepEqual((await request(makeApp().app).get('/.well-known/contract')).body, { digest: 'sha256:1' })
  })
})
