import assert from 'node:assert/strict'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { service } from '../src/service.ts'

describe('word counts', () => {
  let url: string
  let close: () => Promise<void>
  before(async () => {
    ;({ url, close } = await startForTest(service))
  })
  after(() => close())

  for (const [text, words, characters] of [
    ['', 0, 0],
    ['one', 1, 3],
    [' two\nwords ', 2, 11],
    ['naïve 🙂', 2, 7]
  ] as const) {
    it(`of ${JSON.stringify(text)} are ${words} words and ${characters} characters`, async () => {
      const { body } = await request(url).post('/word-counts').send({ text }).expect(200)
      assert.deepEqual(body, { words, characters })
    })
  }

  it('refuse what is no text, and name the place', async () => {
    const { body } = await request(url).post('/word-counts').send({ text: 1 }).expect(400)
    assert.equal(body.errors[0].pointer, '/body/text')
  })
})
