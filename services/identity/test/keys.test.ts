import assert from 'node:assert/strict'
import { recordingLog, silentLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import { decodeProtectedHeader } from 'jose'
import { ACCESS_TOKEN_MS, findExpired, getSigningKey, isNextDue, SCHEDULE } from '../src/keys/schedule.ts'
import { seal, unseal } from '../src/keys/seal.ts'
import { keyRing } from '../src/keys/store.ts'
import { SECRET, startIdentity, type TestIdentity } from './helper.ts'

/** How old the keys of a reader and of a replica may be. */
const READER_MS = 600_000
const REPLICA_MS = 60_000

describe('the schedule of keys', () => {
  const start = Date.parse('2026-01-01')
  const at = (milliseconds: number) => new Date(start + milliseconds)
  const { period, ahead, after } = SCHEDULE
  const key = (number: number, createdAt: number, signsFrom = createdAt + ahead) => ({
    ...{ number, createdAt: at(createdAt), signsFrom: at(signsFrom) }
  })
  const first = key(1, 0, 0)
  const second = key(2, period - ahead)

  it('has the first key sign at once, and the next after a time in which all readers see it', () => {
    assert.equal(getSigningKey([], at(0)), undefined)
    assert.equal(getSigningKey([first], at(0)), first)
    assert.equal(getSigningKey([second, first], at(period - 1)), first)
    assert.equal(getSigningKey([second, first], at(period)), second)
    assert.ok(ahead > READER_MS + REPLICA_MS)
  })

  it('has the next key made so that it signs when the last has signed for a period', () => {
    assert.equal(isNextDue([], at(0)), true)
    assert.equal(isNextDue([first], at(period - ahead - 1)), false)
    assert.equal(isNextDue([first], at(period - ahead)), true)
    assert.equal(isNextDue([first, second], at(period)), false)
  })

  it('keeps a key until its last token has expired, with time for clocks that are apart', () => {
    assert.deepEqual(findExpired([first, second], at(period + after - 1)), [])
    assert.deepEqual(findExpired([first, second], at(period + after)), [1])
    assert.ok(after > ACCESS_TOKEN_MS + READER_MS)
  })

  it('never has a key sign that is not published, nor removes one with tokens, whenever it is looked at', () => {
    let keys: ReturnType<typeof key>[] = []
    let tokens: { number: number; until: number }[] = []
    for (let now = 0; now < 4 * period; now += ahead / 3) {
      if (isNextDue(keys, at(now))) {
        const number = Math.max(0, ...keys.map(({ number }) => number)) + 1
        keys.push(number === 1 ? first : key(number, now))
      }
      const over = findExpired(keys, at(now))
      keys = keys.filter(({ number }) => !over.includes(number))
      tokens = tokens.filter(({ until }) => until > now)
      const used = getSigningKey(keys, at(now))!
      assert.ok(used === first || used.createdAt <= at(now - READER_MS - REPLICA_MS))
      tokens.push({ number: used.number, until: now + ACCESS_TOKEN_MS })
      for (const { number } of tokens) assert.ok(keys.some(key => key.number === number))
      assert.ok(keys.length <= 2)
    }
  })
})

describe('the keys of identity', () => {
  let service: TestIdentity
  beforeEach(async () => {
    service = await startIdentity({ replicas: 2 })
  })
  afterEach(() => service.close())

  const publishedBy = async (turn: number) =>
    (await service.send('get', '/.well-known/jwks.json', undefined, undefined, turn).expect(200)).body.keys
  const kids = async (turn: number): Promise<string[]> =>
    (await publishedBy(turn)).map(({ kid }: { kid: string }) => kid)

  it('are one for replicas that start at the same time, and public only', async () => {
    assert.deepEqual(await kids(0), await kids(1))
    for (const key of await publishedBy(0)) {
      assert.deepEqual(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
      assert.deepEqual([key.alg, key.crv, key.use], ['EdDSA', 'Ed25519', 'sig'])
    }
    const { db, clock } = service
    await db.collection('keys').deleteMany({})
    const rings = Array.from({ length: 4 }, () => keyRing({ db, clock, secret: SECRET, log: silentLog }))
    await Promise.all(rings.map(ring => ring.rotate()))
    assert.equal(new Set(rings.map(ring => ring.signingKey().kid)).size, 1)
  })

  it('rotate without an outage: published first, then signing, gone when no token is left', async () => {
    const { email } = await service.register()
    let { refreshToken } = (await service.signIn(email).expect(201)).body
    const seen = new Set<string>()
    // A reader who reads the keys when they are 10 minutes old, as the chassis does.
    let read = { at: 0, kids: await kids(0) }
    const accepted: { kid: string; until: number }[] = []
    const begin = service.clock.now().getTime()
    service.pass(SCHEDULE.period - SCHEDULE.ahead - 5 * 60_000)
    for (let turn = 0; service.clock.now().getTime() < begin + SCHEDULE.period + SCHEDULE.after + 600_000; turn++) {
      service.pass(60_000)
      const now = service.clock.now().getTime()
      // One replica rotates, the other has only read the keys a minute ago.
      await service.replicas[turn % 2]!.keys.rotate()
      if (now - read.at > READER_MS) read = { at: now, kids: await kids(turn) }
      if (turn % 5 === 0) {
        const answer = await service.refresh(refreshToken, turn)
        const body = answer.status === 200 ? answer.body : (await service.signIn(email, undefined, {}, turn)).body
        refreshToken = body.refreshToken
        const { kid } = decodeProtectedHeader(body.accessToken)
        assert.ok(read.kids.includes(kid!), 'a key that a reader does not know signs')
        accepted.push({ kid: kid!, until: now + ACCESS_TOKEN_MS })
        seen.add(kid!)
      }
      const published = await kids(turn)
      for (const { kid, until } of accepted) if (until > now) assert.ok(published.includes(kid))
    }
    assert.equal(seen.size, 2)
    assert.deepEqual(await kids(0), [[...seen][1]])
  })

  it('are made once when two replicas rotate at the same time, and read by the other within a minute', async () => {
    service.pass(SCHEDULE.period)
    await Promise.all(service.replicas.map(({ keys }) => keys.rotate()))
    assert.equal((await kids(0)).length, 2)
    assert.deepEqual(await kids(0), await kids(1))
  })

  it('are closed in the store, and one that another secret closed is published on and signs no more', async () => {
    const { db, clock } = service
    const [stored] = await db.collection('keys').find().toArray()
    assert.ok(!JSON.stringify(stored).includes('"d"'))
    const { log, lines } = recordingLog()
    const other = keyRing({ db, clock, secret: `another ${SECRET}`, log })
    for (let turn = 0; turn < 2; turn++) await other.rotate()
    assert.equal(other.published().length, 2)
    assert.equal(lines.length, 1)
    assert.match(String(lines[0]!.msg), /^A signing key was sealed with another SIGNING_KEYS_SECRET/)
    assert.equal(lines[0]!.kid, (await kids(0))[0])
    assert.notEqual(other.signingKey().kid, (await kids(0))[0])
    assert.equal(unseal(seal('text', SECRET), SECRET), 'text')
    assert.equal(unseal(seal('text', SECRET), 'x'), undefined)
  })
})

describe('the maintenance of identity', () => {
  let service: TestIdentity
  before(async () => {
    service = await startIdentity({ replicas: 2, maintenanceMs: 50 })
  })
  after(() => service.close())

  it('is done by one replica at a time, and by the other when that one stops', async () => {
    const [first, second] = service.replicas
    const leases = service.db.collection<{ _id: string }>('leases')
    const publishedKeys = async () =>
      (await service.send('get', '/.well-known/jwks.json', undefined, undefined, 1).expect(200)).body.keys
    assert.ok(await until(() => leases.findOne({ _id: 'tending' })))
    await first!.stopWork()
    service.pass(SCHEDULE.period)
    await until(async () => (await publishedKeys()).length === 2)
    await second!.stopWork()
    assert.equal(await leases.countDocuments({ _id: 'tending' }), 0)
  })
})
