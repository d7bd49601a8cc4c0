import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { boundedWork } from '../src/passwords/bounded.ts'
import { hashPassword, passwordMatches } from '../src/passwords/hash.ts'
import { PASSWORD, startIdentity } from './helper.ts'

describe('passwords', () => {
  it('are kept as argon2id with the parameters of OWASP, each with a salt of its own', async () => {
    const [one, other] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)]
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    assert.notEqual(one, other)
    for (const hash of [one, other]) assert.equal(await passwordMatches(PASSWORD, hash), true)
    assert.equal(await passwordMatches('another one', one), false)
    assert.equal(await passwordMatches(PASSWORD), false)
  })

  it('match hashes of other implementations', async () => {
    // Of the tests of the reference implementation (phc-winner-argon2, src/test.c).
    const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    assert.equal(await passwordMatches('password', hash), true)
    await assert.rejects(passwordMatches('password', 'plain'))
  })
})

describe('work with passwords', () => {
  it('runs a few at a time, has as many wait as may, and sends the rest away', async () => {
    const registry = new Registry()
    const bounded = boundedWork({ concurrency: 2, queue: 3 }, registry)
    const ends: (() => void)[] = []
    const task = () => bounded(() => new Promise<void>(resolve => ends.push(resolve)))
    const tasks = Array.from({ length: 5 }, task)
    await assert.rejects(task(), { status: 503, type: 'too-busy' })
    const figure = async (name: string) => (await registry.getSingleMetric(name)!.get()).values[0]!.value
    assert.deepEqual(
      await Promise.all(['running', 'waiting', 'refused_total'].map(name => figure(`bulkhead_password_work_${name}`))),
      [2, 3, 1]
    )
    assert.equal(ends.length, 2)
    for (let done = 0; done < 5; done++) {
      await until(() => ends.length > done)
      ends[done]!()
    }
    await Promise.all(tasks)
    assert.equal(await figure('bulkhead_password_work_running'), 0)
    await assert.rejects(
      bounded(() => Promise.reject(new Error('it failed'))),
      /it failed/
    )
    assert.equal(await figure('bulkhead_password_work_running'), 0)
  })

  it('leaves room for everything else: of 60 sign-ins at once some wait, the rest get a 503, and refreshing goes on', async () => {
    const service = await startIdentity({ passwords: { concurrency: 1, queue: 8 } })
    const { email } = await service.register()
    let { refreshToken } = (await service.signIn(email).expect(201)).body
    const storm = Promise.all(
      Array.from({ length: 60 }, (_, turn) => service.signIn(`nobody${turn}@example.com`).then(answer => answer))
    )
    let over = false
    void storm.then(() => {
      over = true
    })
    let refreshed = 0
    while (!over) {
      refreshToken = (await service.refresh(refreshToken).expect(200)).body.refreshToken
      refreshed++
    }
    const answers = await storm
    const statuses = answers.map(({ status }) => status)
    assert.ok(statuses.includes(401) && statuses.includes(503))
    assert.ok(statuses.every(status => status === 401 || status === 503))
    const refused = answers.find(({ status }) => status === 503)!
    assert.match(refused.headers['retry-after']!, /^\d+$/)
    // It does not wait its turn behind the passwords: of those there are no more than ran and waited.
    assert.ok(refreshed >= 3, `${refreshed}`)
    // Who was sent away was not counted as having failed.
    const counted = await service.db.collection('attempts').countDocuments()
    assert.equal(counted, statuses.filter(status => status === 401).length)
    await service.close()
  })
})
