import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { operations } from '../src/http/routes.ts'
import { fail, greet, makeApp } from './greetings.ts'

const send = (path = '/greetings/Bob', token = 'Bearer ada') =>
  request(makeApp().app).post(path).set('Authorization', token)

type Problem = { errors: { pointer: string; detail: string }[] }

const pointersOf = ({ errors }: Problem) => errors.map(({ pointer }) => pointer)

describe('operations', () => {
  it('gives a handler its input, parsed by the schemas', async () => {
    const { status, body, headers } = await send('/greetings/Bob?times=2').send({ from: { name: 'Ada' } })
    assert.equal(status, 200)
    assert.equal(body.text, 'Hi Hi Bob, Ada')
    assert.equal(headers['x-content-type-options'], 'nosniff')
  })

  it('refuses the unknown fields of a person, at any depth', async () => {
    const { body } = await send('/greetings/Bob?else=1').send({ from: { name: 'Ada' } })
    assert.deepEqual(body.errors, [{ pointer: '/query/else', detail: 'It is not known' }])
    const answer = await send().send({ from: { name: 'Ada', age: 36 }, more: 1 })
    assert.equal(answer.status, 400)
    assert.deepEqual(pointersOf(answer.body).sort(), ['/body/from/age', '/body/more'])
  })

  it('refuses the query of a person if the operation has no query', async () => {
    const { status, body } = await request(makeApp().app).put('/thing?else=1')
    assert.equal(status, 400)
    assert.deepEqual(pointersOf(body), ['/query/else'])
  })

  it('leaves out and counts the unknown fields of a service, at any depth', async () => {
    const { app, registry } = makeApp()
    const { body } = await request(app)
      .post('/greetings/Bob?else=1')
      .set('Authorization', 'Bearer orders')
      .send({ from: { name: 'Ada', age: 36 }, more: { than: 1 } })
      .expect(200)
    assert.deepEqual(body.given, { from: { name: 'Ada' } })
    assert.match(await registry.metrics(), /bulkhead_unknown_input_fields_total\{operation="greet"\} 3/)
  })

  it('names the wrong places in the input of a service, but no unknown fields', async () => {
    const { status, body } = await send('/greetings/Bob', 'Bearer orders').send({ from: { age: 36 }, more: 1 })
    assert.equal(status, 400)
    assert.deepEqual(body.errors, [{ pointer: '/body/from/name', detail: 'It is missing' }])
  })

  it('refuses a parameter that any caller gives twice', async () => {
    for (const token of ['Bearer ada', 'Bearer orders']) {
      const { status, body } = await send('/greetings/Bob?times=1&times=2', token).send({ from: { name: 'Ada' } })
      assert.equal(status, 400)
      assert.deepEqual(body.errors, [{ pointer: '/query/times', detail: 'It is given twice' }])
    }
  })

  it('gives the Location of a created resource, and none in other answers', async () => {
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
    ['text that is not JSON', '{"from":'],
    ['an empty text', ''],
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

  it('says that a body is needed if there is none', async () => {
    assert.equal((await send()).body.errors[0].detail, 'A body is needed')
  })

  it('refuses a body over the limit with 413', async () => {
    assert.equal((await send().send({ from: { name: 'x'.repeat(200) } })).status, 413)
  })

  it('answers 401 without a valid token, and 403 to a caller that is not allowed', async () => {
    const anonymous = await request(makeApp().app).post('/greetings/Bob')
    assert.equal(anonymous.status, 401)
    assert.equal(anonymous.headers['www-authenticate'], 'Bearer')
    const forged = await send('/greetings/Bob', 'Bearer forged')
    assert.equal(forged.status, 401)
    assert.match(forged.headers['www-authenticate']!, /^Bearer error="invalid_token"/)
    assert.equal((await send('/greetings/Bob', 'Bearer cart')).status, 403)
  })

  it('reads the version of a guarded operation, and the key of a keyed one', async () => {
    const put = () => request(makeApp().app).put('/thing')
    assert.equal((await put()).status, 428)
    assert.equal((await put().set('If-Match', '*')).body.errors[0].pointer, '/headers/if-match')
    assert.deepEqual((await put().set('If-Match', '"7"')).body, { ifMatch: 7 })
    const keyed = (key: string) => put().set('If-Match', '"7"').set('Idempotency-Key', key)
    assert.equal(typeof (await keyed(randomUUID())).body.key, 'string')
  })

  it('refuses a guest’s key that is not random, and names the valid forms', async () => {
    const put = request(makeApp().app)
      .put('/thing')
      .set({ 'If-Match': '"7"', 'Idempotency-Key': 'order-0001-of-a-guest' })
    const { body } = await put.expect(400)
    assert.equal(body.errors[0].pointer, '/headers/idempotency-key')
    assert.match(body.errors[0].detail, /UUID of version 4/)
  })

  it('accepts by its types only handlers with the answers of their operations', () => {
    const unused = operations()
    // @ts-expect-error The body has no text.
    unused.handle(greet, async () => ({ status: 200, body: {} }))
    // @ts-expect-error The text is a number.
    unused.handle(greet, async () => ({ status: 200, body: { text: 1 } }))
    // @ts-expect-error The operation has no such status.
    unused.handle(greet, async () => ({ status: 201, body: { text: '' } }))
    // @ts-expect-error The answer needs a body.
    unused.handle(greet, async () => ({ status: 200 }))
    // @ts-expect-error The answer must not have a body.
    unused.handle(fail, async () => ({ status: 204, body: { text: '' } }))
  })
})
