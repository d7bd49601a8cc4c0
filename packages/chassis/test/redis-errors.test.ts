import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { connect, redisServer } from '@bulkhead/testing/redis-server'
import { silentLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import { type Redis, ReplyError } from 'ioredis'
import { Problem } from '../src/core/problem.ts'
import { connectRedisStore, redisProblem } from '../src/redis/redis.ts'
import { replyCode } from '../src/redis/redis-errors.ts'
import { executePipeline } from '../src/redis/streams.ts'

type Trouble = {
  code: string
  /** The command that gets this reply. */
  what: string
  /** Brings a real server into the state in which it sends this reply. */
  make: (admin: Redis) => Promise<unknown>
  ask: (redis: Redis) => Promise<unknown>
  isTemporary?: false
}

const write = { what: 'a write', ask: (redis: Redis) => redis.set('key', 'value') }
const read = { what: 'a read', ask: (redis: Redis) => redis.get('key') }
const writeInScript = {
  what: 'a write in a script',
  ask: (redis: Redis) => redis.eval("return redis.call('SET', KEYS[1], '1')", 1, 'key')
}
const writeInTransaction = {
  what: 'a write in a transaction',
  ask: (redis: Redis) => executePipeline(redis.multi().set('key', '1'))
}

const configure = (name: string, value: string) => (admin: Redis) => admin.config('SET', name, value)
/** Makes the server a replica of a primary that does not exist. */
const becomeReplica = (admin: Redis) => admin.replicaof('127.0.0.1', 1)

async function loseFolder(admin: Redis) {
  const [, folder] = (await admin.config('GET', 'dir')) as [string, string]
  await admin.config('SET', 'appendonly', 'no')
  await admin.config('SET', 'save', '3600 1')
  rmSync(folder, { recursive: true })
  await admin.bgsave()
  await until(async () => (await admin.info('persistence')).includes('rdb_last_bgsave_status:err'))
  mkdirSync(folder)
}

async function runForever(admin: Redis) {
  await admin.config('SET', 'busy-reply-threshold', '1')
  const other = admin.duplicate().on('error', () => undefined)
  other.eval('while true do end', 0).catch(() => other.disconnect())
  await until(() =>
    admin.ping().then(
      () => false,
      error => replyCode(error) === 'BUSY'
    )
  )
}

async function becomeLonelyReplica(admin: Redis) {
  await admin.config('SET', 'replica-serve-stale-data', 'no')
  await becomeReplica(admin)
}

const troubles: Trouble[] = [
  { code: 'OOM', ...write, make: configure('maxmemory', '1') },
  { code: 'OOM', ...writeInScript, make: configure('maxmemory', '1') },
  { code: 'OOM', ...writeInTransaction, make: configure('maxmemory', '1') },
  { code: 'READONLY', ...write, make: becomeReplica },
  { code: 'READONLY', ...writeInScript, make: becomeReplica },
  { code: 'MASTERDOWN', ...read, make: becomeLonelyReplica },
  { code: 'NOREPLICAS', ...write, make: configure('min-replicas-to-write', '1') },
  { code: 'BUSY', ...write, make: runForever },
  { code: 'MISCONF', ...write, make: loseFolder },
  { code: 'NOPERM', ...write, make: admin => admin.acl('SETUSER', 'default', '-set'), isTemporary: false },
  { code: 'WRONGTYPE', ...read, make: admin => admin.lpush('key', 'a'), isTemporary: false }
]

/** Replies that these tests construct, because they can't make a real server send them. */
const constructed = ['LOADING', 'CLUSTERDOWN', 'TRYAGAIN', 'UNBLOCKED']

const is503 = (problem: unknown) =>
  problem instanceof Problem && problem.status === 503 && Number(problem.headers['Retry-After']) >= 1

describe('redisProblem', function () {
  this.timeout(30_000)

  for (const { code, what, make, ask, isTemporary = true } of troubles) {
    it(`${isTemporary ? 'turns' : 'does not turn'} ${code}, the reply of a real Redis to ${what}, into a 503`, async () => {
      const server = await redisServer()
      const admin = connect(server.url)
      const redis = await connectRedisStore(server.url, silentLog)
      try {
        await make(admin)
        const error = await ask(redis).then(
          () => assert.fail('It answered'),
          (error: unknown) => error
        )
        assert.equal(replyCode(error), code, String(error))
        assert.equal(is503(redisProblem(error)), isTemporary)
      } finally {
        admin.disconnect()
        redis.disconnect()
        await server.stop()
      }
    })
  }

  for (const code of constructed) {
    it(`turns a reply with ${code} into a 503`, () =>
      assert.ok(is503(redisProblem(new ReplyError(`${code} the server says`)))))
  }

  it('returns an error of our own code unchanged, whatever its text', () => {
    for (const text of ['OOM in our code', 'Connection is closed.', 'connect ECONNREFUSED']) {
      const error = new Error(text)
      assert.equal(redisProblem(error), error)
    }
  })
})
