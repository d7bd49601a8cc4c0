import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { hashPassword, isRightPassword } from '../src/passwords/hash.ts'
import { passwordQueue } from '../src/passwords/queue.ts'
import { PASSWORD, startIdentity, type TestIdentity } from './helper.ts'

describe('password hashes', () => {
  it('are argon2id hashes with the parameters of OWASP, each with its own salt', async () => {
    const [one, other] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)]
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    assert.notEqual(one, other)
    for (const hash of [one, other]) assert.equal(await isRightPassword(PASSWORD, hash), true)
    assert.equal(await isRightPassword('another one', one), false)
    assert.equal(await isRightPassword(PASSWORD), false)
  })

  it('of other implementations can be verified', async () => {
    // This hash is from the tests of the reference implementation (phc-winner-argon2, src/test.c).
    const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    assert.equal(await isRightPassword('password', hash), true)
    await assert.rejects(isRightPassword('password', 'plain'))
  })
})

describe('the password queue', () => {
  /** Tasks that end when the test says so. `started` lists the clients in the order of their turns. */
  function startWork(limits: { concurrency: number; queue: number }) {
    const registry = new Registry()
    const queue = passwordQueue(limits, registry)
    const started: string[] = []
    const ends: (() => void)[] = []
    const work = (client: string) =>
      queue(client, () => {
        started.push(client)
        return new Promise<void>(resolve => ends.push(resolve))
      })
    async function endAll(count: number) {
      for (let done = 0; done < count; done++) {
        await until(() => ends.length > done)
        ends[done]!()
      }
    }
    const figure = async (name: string, reason?: string) => {
      const { values } = await registry.getSingleMetric(`bulkhead_password_work_${name}`)!.get()
      return values.find(({ labels }) => labels.reason === reason)?.value
    }
    return { queue, work, started, endAll, figure }
  }

  it('runs a few tasks at once, lets more wait, and refuses the rest with a 503', async () => {
    const { work, started, endAll, figure } = startWork({ concurrency: 2, queue: 4 })
    const tasks = ['a', 'b', 'c', 'd', 'e', 'f'].map(work)
    await assert.rejects(work('g'), { status: 503, type: 'too-busy' })
    assert.equal(await figure('running'), 2)
    assert.equal(await figure('waiting'), 4)
    assert.equal(await figure('refused_total', 'queue'), 1)
    assert.equal(started.length, 2)
    await endAll(6)
    await Promise.all(tasks)
    assert.equal(await figure('running'), 0)
  })

  it('continues after a task that fails', async () => {
    const { queue, figure } = startWork({ concurrency: 1, queue: 0 })
    const failing = () => queue('a', () => Promise.reject(new Error('it failed')))
    for (let turn = 0; turn < 2; turn++) await assert.rejects(failing(), /it failed/)
    assert.equal(await figure('running'), 0)
  })

  it('lets one client fill a quarter of the queue, and rejects further tasks of that client with a 429', async () => {
    const { work, endAll, figure } = startWork({ concurrency: 1, queue: 8 })
    const tasks = ['a', 'a', 'a'].map(work)
    await assert.rejects(work('a'), {
      status: 429,
      type: 'too-many-requests',
      headers: { 'Retry-After': '2' },
      detail: 'At most 2 passwords of one network may wait to be checked: try again in 2 s'
    })
    tasks.push(work('b'))
    assert.equal(await figure('refused_total', 'client'), 1)
    assert.equal(await figure('refused_total', 'queue'), 0)
    await endAll(4)
    await Promise.all(tasks)
  })

  it('lets clients take turns, and keeps the order of the tasks of each client', async () => {
    const { work, started, endAll } = startWork({ concurrency: 1, queue: 40 })
    const tasks = ['a', 'a', 'a', 'a', 'b', 'c', 'c'].map(work)
    await endAll(7)
    await Promise.all(tasks)
    assert.deepEqual(started, ['a', 'a', 'b', 'c', 'a', 'c', 'a'])
  })
})

describe('many sign-ins at once', () => {
  const ATTACKER = '192.0.2.66'
  const COUNT = 60

  let service: TestIdentity
  beforeEach(async () => {
    service = await startIdentity({ passwords: { concurrency: 1, queue: 8 } })
  })
  afterEach(() => service.close())

  /** Sends many sign-ins at once. `answers` resolves with all answers; after that, `isOver` is true. */
  function storm(addressOf: (turn: number) => string) {
    const sent = Array.from({ length: COUNT }, (_, turn) =>
      service.signIn(`nobody${turn}@example.com`).set('X-Forwarded-For', addressOf(turn))
    )
    let hasEnded = false
    const answers = Promise.all(sent.map(test => test.then(answer => answer))).finally(() => {
      hasEnded = true
    })
    return { answers, isOver: () => hasEnded }
  }
  const withStatus = (answers: { status: number; headers: Record<string, string> }[], status: number) =>
    answers.filter(answer => answer.status === status)

  it('get a 429 above the share of their address, and do not prevent others from signing in', async () => {
    const { email } = await service.register()
    const { answers, isOver } = storm(() => ATTACKER)
    while (!isOver()) await service.signIn(email).set('X-Forwarded-For', '192.0.2.1').expect(201)
    const all = await answers
    assert.ok(withStatus(all, 401).length > 0)
    assert.match(withStatus(all, 429)[0]!.headers['retry-after']!, /^\d+$/)
    assert.equal(withStatus(all, 401).length + withStatus(all, 429).length, COUNT)
  })

  it('get a 503 when the queue is full, which does not count as a failure and does not delay a refresh', async () => {
    const { email } = await service.register()
    let { refreshToken } = (await service.signIn(email).expect(201)).body
    const { answers, isOver } = storm(turn => `192.0.2.${turn}`)
    let refreshed = 0
    for (; !isOver(); refreshed++) refreshToken = (await service.refresh(refreshToken).expect(200)).body.refreshToken
    const all = await answers
    assert.match(withStatus(all, 503)[0]!.headers['retry-after']!, /^\d+$/)
    assert.equal(withStatus(all, 401).length + withStatus(all, 503).length, COUNT)
    // At most 9 passwords run or wait, so a refresh that waited behind them would fail this assertion.
    assert.ok(refreshed >= 3, `${refreshed}`)
    const attempts = service.db.collection<{ _id: string }>('attempts')
    assert.equal(await attempts.countDocuments({ _id: /^account:/ }), withStatus(all, 401).length)
  })
})
