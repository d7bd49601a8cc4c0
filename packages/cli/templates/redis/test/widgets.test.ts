import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
// #if customer
import { deliver, eventsOf } from '@bulkhead/testing/events'
// #else
// import { eventsOf } from '@bulkhead/testing/events'
// #end
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { service as definition } from '../src/service.ts'
// #if customer
import { TAG } from '../src/widgets/store.ts'

// #end

const start = () => startForTest(definition)
// #if customer
const [ada, bob, staff] = [callers.customer(), callers.customer(), callers.staff()]
// #else
// const ada = callers.staff()
// #end

describe('widgets', () => {
  let service: Awaited<ReturnType<typeof start>>
  beforeEach(async () => {
    service = await start()
  })
  afterEach(() => service.close())

  const send = (method: 'get' | 'post' | 'delete', path: string, { header } = ada) =>
    request(service.url)
      [method](path)
      .set({ Authorization: header, 'If-Match': '"1"', 'Idempotency-Key': 'key-of-ada' })
  const create = async (fields = {}) =>
    (
      await send('post', '/widgets')
        .send({ title: 'One', ...fields })
        .expect(201)
    ).body

  it('are created once for an Idempotency-Key, together with an event', async () => {
    const created = await create()
    assert.deepEqual(await create(), created)
    assert.deepEqual((await send('get', '/widgets').expect(200)).body.items, [created])
    assert.deepEqual(await eventsOf(service, created.id), [['template.widget.created', 1]])
  })

  it('are removed only with the current version', async () => {
    const { id } = await create()
    await send('delete', `/widgets/${id}`).set('If-Match', '"2"').expect(412)
    await send('delete', `/widgets/${id}`).expect(204)
    await send('get', `/widgets/${id}`).expect(404)
  })

  // #if customer
  it('of a customer do not exist for other customers, and staff can only read them', async () => {
    const widget = await create()
    for (const method of ['get', 'delete'] as const) await send(method, `/widgets/${widget.id}`, bob).expect(404)
    assert.deepEqual((await send('get', '/widgets', bob).expect(200)).body.items, [])
    assert.deepEqual((await send('get', '/widgets', staff).expect(200)).body.items, [widget])
    await send('delete', `/widgets/${widget.id}`, staff).expect(403)
  })

  it('of an erased customer are removed and cannot be created, which is reported to identity', async () => {
    service.fakes.identity.answer('reportErasure', () => ({ status: 204 }))
    const widget = await create()
    await service.redis.set(`${TAG}:widget:${widget.id}`, JSON.stringify({ ...widget, version: 2 }))
    await deliver(service, 'identity.customer.erased', ada.id)
    assert.deepEqual((await send('get', '/widgets', staff).expect(200)).body.items, [])
    await send('post', '/widgets').send({ title: 'Late' }).expect(404)
    assert.equal(service.fakes.identity.asked[0]?.params.id, ada.id)
  })
  // #end
  // #if staff
  // it('are for staff only', async () => {
  //   await request(service.url).get('/widgets').expect(401)
  //   await send('get', '/widgets', callers.customer()).expect(403)
  // })
  // #end
  // #if public
  // it('are read by anyone, and written by staff only', async () => {
  //   const widget = await create()
  //   const { body } = await request(service.url).get(`/widgets/${widget.id}`).expect(200)
  //   assert.deepEqual(body, widget)
  //   await send('post', '/widgets', callers.customer()).send({ title: 'One' }).expect(403)
  // })
  // #end
})
