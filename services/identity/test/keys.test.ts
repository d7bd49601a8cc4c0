import assert from 'node:assert/strict'
import { recordingLog, silentLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import { decodeProtectedHeader } from 'jose'
import type { Db } from 'mongodb'
import { ACCESS_TOKEN_MS, SCHEDULE } from '../src/keys/schedule.ts'
import { seal, unseal } from '../src/keys/seal.ts'
import { keyRing } from '../src/keys/store.ts'
import { SECRET, startIdentity, type TestIdentity } from './helper.ts'

const MINUTE_MS = 60_000
/** The age at which the chassis reads the keys again. */
const READER_MS = 10 * MINUTE_MS

/** Reads the published keys of a replica. */
const publishedBy = async (service: TestIdentity, turn: number): Promise<Record<string, string>[]> =>
  (await service.send('get', '/.well-known/jwks.json', undefined, undefined, turn).expect(200)).body.keys

describe('the signing keys', () => {
  let service: TestIdentity
  beforeEach(async () => {
    service = await startIdentity({ replicas: 2 })
  })
  afterEach(() => service.close())

  const now = () => service.clock.now().getTime()
  const kids = async (turn: number) => (await publishedBy(service, turn)).map(({ kid }) => kid!)

  /** Refreshes a session, and signs in again when the session ends after a period. Returns the key that signed the access token. */
  function sessionOf(email: string) {
    let refreshToken = ''
    return async (turn: number) => {
      const answer = await service.refresh(refreshToken, turn)
      const { body } = answer.status === 200 ? answer : await service.signIn(email, undefined, {}, turn).expect(201)
      refreshToken = body.refreshToken
      return decodeProtectedHeader(body.accessToken).kid!
    }
  }

  it('are the same for replicas that start at the same time, and show no private part', async () => {
    assert.deepEqual(await kids(0), await kids(1))
    for (const { alg, crv, use, kty, kid, x, ...rest } of await publishedBy(service, 0)) {
      assert.deepEqual({ alg, crv, use }, { alg: 'EdDSA', crv: 'Ed25519', use: 'sig' })
      assert.ok(kty && kid && x)
      assert.deepEqual(rest, {})
    }
    const { db, clock } = service
    await db.collection('keys').deleteMany({})
    const rings = Array.from({ length: 4 }, () => keyRing({ db, clock, secret: SECRET, log: silentLog }))
    await Promise.all(rings.map(ring => ring.rotate()))
    assert.equal(new Set(rings.map(ring => ring.signingKey().kid)).size, 1)
  })

  it('rotate without an outage: published, then signing, then removed after the last token', async () => {
    const { email } = await service.register()
    const renew = sessionOf(email)
    const end = now() + SCHEDULE.period + SCHEDULE.after + 10 * MINUTE_MS
    let reader = { readAt: 0, kids: await kids(0) }
    const tokens: { kid: string; until: number }[] = []
    service.pass(SCHEDULE.period - SCHEDULE.ahead - 5 * MINUTE_MS)
    for (let turn = 0; now() < end; turn++) {
      service.pass(MINUTE_MS)
      // One replica rotates the keys. The other replica has read the keys a minute ago.
      await service.replicas[turn % 2]!.keys.rotate()
      if (now() - reader.readAt > READER_MS) reader = { readAt: now(), kids: await kids(turn) }
      if (turn % 5 === 0) {
        const kid = await renew(turn)
        assert.ok(reader.kids.includes(kid), 'a key that a reader does not know signs')
        tokens.push({ kid, until: now() + ACCESS_TOKEN_MS })
      }
      const published = await kids(turn)
      for (const { kid, until } of tokens) if (until > now()) assert.ok(published.includes(kid))
    }
    const used = [...new Set(tokens.map(({ kid }) => kid))]
    assert.equal(used.length, 2)
    assert.deepEqual(await kids(0), [used[1]])
  })

  it('are created only once by two replicas that rotate at the same time', async () => {
    service.pass(SCHEDULE.period)
    await Promise.all(service.replicas.map(({ keys }) => keys.rotate()))
    assert.equal((await kids(0)).length, 2)
    assert.deepEqual(await kids(0), await kids(1))
  })

  it('stay the newest ones when an earlier read ends last', async () => {
    const { db, clock } = service
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>()
    let reads = 0
    /** Delays the first answer until it is released. */
    const slowFirst = { collection: () => ({ find: () => ({ sort: () => ({ toArray: answer }) }) }) } as unknown as Db
    async function answer() {
      const isFirst = ++reads === 1
      const found = await db.collection('keys').find().sort({ _id: 1 }).toArray()
      if (isFirst) await isReleased
      return found
    }
    const ring = keyRing({ db: slowFirst, clock, secret: SECRET, log: silentLog })
    const early = ring.refresh()
    await until(() => reads === 1)
    service.pass(SCHEDULE.period)
    await service.first.keys.rotate()
    await ring.refresh()
    release()
    await early
    assert.deepEqual(ring.published(), service.first.keys.published())
    assert.equal(ring.published().length, 2)
  })

  it('are sealed in the store; after a change of the secret they stay published but no longer sign', async () => {
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

describe('the maintenance', () => {
  let service: TestIdentity
  before(async () => {
    service = await startIdentity({ replicas: 2, maintenanceMs: 50 })
  })
  after(() => service.close())

  it('is done by one replica at a time, and by the other replica when the first one stops', async () => {
    const [first, second] = service.replicas
    const leases = service.db.collection<{ _id: string }>('leases')
    assert.ok(await until(() => leases.findOne({ _id: 'tending' })))
    await first!.stopWork()
    service.pass(SCHEDULE.period)
    await until(async () => (await publishedBy(service, 1)).length === 2)
    await second!.stopWork()
    assert.equal(await leases.countDocuments({ _id: 'tending' }), 0)
  })
})
