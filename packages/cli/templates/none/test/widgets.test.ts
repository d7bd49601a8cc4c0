import assert from 'node:assert/strict'
// #if customer staff
import * as callers from '@bulkhead/testing/callers'
// #end
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { service as definition } from '../src/service.ts'

const start = () => startForTest(definition)

describe('widgets', () => {
  let service: Awaited<ReturnType<typeof start>>
  before(async () => {
    service = await start()
  })
  after(() => service.close())

  // #if customer
  const { header } = callers.customer()
  const send = (body: object) => request(service.url).post('/widgets').set('Authorization', header).send(body)
  // #end
  // #if staff
  // const { header } = callers.staff()
  // const send = (body: object) => request(service.url).post('/widgets').set('Authorization', header).send(body)
  // #end
  // #if public
  // const send = (body: object) => request(service.url).post('/widgets').send(body)
  // #end

  for (const { text, words, characters } of [
    { text: '', words: 0, characters: 0 },
    { text: ' two\nwords ', words: 2, characters: 11 },
    { text: 'naïve 🙂', words: 2, characters: 7 }
  ]) {
    it(`have ${words} words and ${characters} characters for ${JSON.stringify(text)}`, async () => {
      assert.deepEqual((await send({ text }).expect(200)).body, { words, characters })
    })
  }

  it('are refused with a 400 for a number', async () => {
    const { body } = await send({ text: 1 }).expect(400)
    assert.equal(body.errors[0].pointer, '/body/text')
  })
  // #if customer

  it('are for customers only', async () => {
    await request(service.url).post('/widgets').send({ text: '' }).expect(401)
    await send({ text: '' }).set('Authorization', callers.staff().header).expect(403)
  })
  // #end
  // #if staff
  //
  // it('are for staff only', async () => {
  //   await request(service.url).post('/widgets').send({ text: '' }).expect(401)
  //   await send({ text: '' }).set('Authorization', callers.customer().header).expect(403)
  // })
  // #end
})
