import assert from 'node:assert/strict'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { service } from '../src/service.ts'

describe('word counts', () => {
  let started: Awaited<ReturnType<typeof startForTest>>
  before(async () => {
    started = await startForTest(service)
  })
  after(() => started.close())

  for (const { text, words, characters } of [
    { text: '', words: 0, characters: 0 },
    { text: 'one', words: 1, characters: 3 },
    { text: ' two\nwords ', words: 2, characters: 11 },
    { text: 'naïve 🙂', words: 2, characters: 7 }
  ]) {
    it(`are ${words} words and ${characters} characters for ${JSON.stringify(text)}`, async () => {
      const { body } = await request(started.url).post('/word-counts').send({ text }).expect(200)
      assert.deepEqual(body, { words, characters })
    })
  }

  it('are refused with a 400 for a number', async () => {
    const { body } = await request(started.url).post('/word-counts').send({ text: 1 }).expect(400)
    assert.equal(body.errors[0].pointer, '/body/text')
  })
})
