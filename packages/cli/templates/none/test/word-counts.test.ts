import assert from 'node:assert/strict'
import { appDeps } from '@bulkhead/testing/app-deps'
import request from 'supertest'
import { wordCountsApp } from '../src/app.ts'

describe('word counts', () => {
  const app = wordCountsApp(appDeps('template'))

  for (const [text, words, characters] of [
    ['', 0, 0],
    ['one', 1, 3],
    [' two\nwords ', 2, 11],
    ['naïve 🙂', 2, 7]
  ] as const) {
    it(`of ${JSON.stringify(text)} are ${words} words and ${characters} characters`, async () => {
      const { body } = await request(app).post('/word-counts').send({ text }).expect(200)
      assert.deepEqual(body, { words, characters })
    })
  }

  it('refuse what is no text, and name the place', async () => {
    const { body } = await request(app).post('/word-counts').send({ text: 1 }).expect(400)
    assert.equal(body.errors[0].pointer, '/body/text')
  })
})
