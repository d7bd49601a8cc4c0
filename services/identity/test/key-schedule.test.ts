import assert from 'node:assert/strict'
import {
  ACCESS_TOKEN_MS,
  findExpired,
  getSigningKey,
  isNextDue,
  SCHEDULE,
  type Scheduled
} from '../src/keys/schedule.ts'

/** The maximum age of the keys that a reader and a replica have cached. */
const READER_MS = 600_000
const REPLICA_MS = 60_000

describe('the schedule of signing keys', () => {
  const start = Date.parse('2026-01-01')
  const date = (milliseconds: number) => new Date(start + milliseconds)
  const { period, ahead, after } = SCHEDULE
  const key = (number: number, createdAt: number, signsFrom = createdAt + ahead) => ({
    number,
    createdAt: date(createdAt),
    signsFrom: date(signsFrom)
  })
  const first = key(1, 0, 0)
  const second = key(2, period - ahead)

  it('lets the first key sign at once, and the next key only when all readers have it', () => {
    assert.equal(getSigningKey([], date(0)), undefined)
    assert.equal(getSigningKey([first], date(0)), first)
    assert.equal(getSigningKey([second, first], date(period - 1)), first)
    assert.equal(getSigningKey([second, first], date(period)), second)
    assert.ok(ahead > READER_MS + REPLICA_MS)
  })

  it('creates the next key so that it starts to sign after one period', () => {
    assert.equal(isNextDue([], date(0)), true)
    assert.equal(isNextDue([first], date(period - ahead - 1)), false)
    assert.equal(isNextDue([first], date(period - ahead)), true)
    assert.equal(isNextDue([first, second], date(period)), false)
  })

  it('keeps a key until its last token has expired, even if clocks differ', () => {
    assert.deepEqual(findExpired([first, second], date(period + after - 1)), [])
    assert.deepEqual(findExpired([first, second], date(period + after)), [1])
    assert.ok(after > ACCESS_TOKEN_MS + READER_MS)
  })

  it('never signs with an unpublished key, and never removes a key that has valid tokens', () => {
    let keys: Scheduled[] = []
    let tokens: { number: number; until: number }[] = []
    for (let now = 0; now < 4 * period; now += ahead / 3) {
      if (isNextDue(keys, date(now))) {
        const number = Math.max(0, ...keys.map(({ number }) => number)) + 1
        keys.push(number === 1 ? first : key(number, now))
      }
      const expired = findExpired(keys, date(now))
      keys = keys.filter(({ number }) => !expired.includes(number))
      tokens = tokens.filter(({ until }) => until > now)
      const used = getSigningKey(keys, date(now))!
      assert.ok(used === first || used.createdAt <= date(now - READER_MS - REPLICA_MS))
      tokens.push({ number: used.number, until: now + ACCESS_TOKEN_MS })
      for (const { number } of tokens) assert.ok(keys.some(key => key.number === number))
      assert.ok(keys.length <= 2)
    }
  })
})
