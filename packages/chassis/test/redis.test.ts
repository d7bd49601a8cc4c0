import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { redisServer } from '@bulkhead/testing/redis-server'
import { silentLog as log, recordingLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { Problem } from '../src/core/problem.ts'
import { connectRedisStore, redisProblem, redisScript } from '../src/redis/redis.ts'

describe('a Redis store', () => {
  let server: Awaited<ReturnType<typeof redisServer>>
  let redis: Redis | undefined
  before(async () => {
    server = await redisServer()
  })
  afterEach(() => redis?.disconnect())
  after(() => server.stop())

  async function assertAway(command: () => Promise<unknown>) {
    const error = await command().then(() => assert.fail('It answered'), redisProblem)
    assert.ok(error instanceof Problem, String(error))
    assert.deepEqual([error.status, error.headers], [503, { 'Retry-After': '1' }])
  }

  it('lets no service start while it is unavailable', async () => {
    await server.kill()
    await assert.rejects(connectRedisStore(server.url, log), /does not answer within/)
    await server.start()
    redis = await connectRedisStore(server.url, log)
    assert.equal(await redis.ping(), 'PONG')
  })

  it('makes each command a 503 while it is unavailable, and works with its scripts when it is back', async () => {
    redis = await connectRedisStore(server.url, log)
    const increment = `return redis.call('INCR', KEYS[1])`
    redis.defineCommand('increment', { numberOfKeys: 1, lua: increment })
    const script = () => (redis as unknown as { increment(key: string): Promise<number> }).increment('a')
    assert.deepEqual([await script(), await script()], [1, 2])
    await server.kill()
    await assertAway(script)
    await assertAway(() => redis!.get('a'))
    await server.start()
    assert.equal(await until(() => script().catch(() => undefined)), 3)
  })

  it('names the server and the command in the error of a command without a reply', async () => {
    redis = await connectRedisStore(server.url, log)
    await server.kill()
    const error = await redis.get('a').then(
      () => assert.fail('It answered'),
      (error: Error) => error
    )
    await server.start()
    assert.equal(error.message, 'The store did not answer GET')
    assert.ok(error.cause instanceof Error)
  })

  it('logs one warning, with the name of the server, while all attempts to connect fail', async () => {
    const recorded = recordingLog()
    redis = await connectRedisStore(server.url, recorded.log)
    let attempts = 0
    redis.on('reconnecting', () => attempts++)
    await server.kill()
    await until(() => attempts > 3)
    await server.start()
    assert.deepEqual(
      recorded.lines.map(({ msg }) => msg),
      ['The connection to the store failed']
    )
  })

  it('makes each command a 503 while it hangs, and works afterwards', async () => {
    const gate = await proxyTo(Number(new URL(server.url).port))
    redis = await connectRedisStore(gate.url, log)
    await redis.set('b', 1)
    gate.hang()
    await assertAway(() => redis!.get('b'))
    // The connection that hung never answers. Only a new connection does.
    gate.goOn()
    assert.equal(await until(() => redis!.get('b').catch(() => undefined)), '1')
    await gate.close()
  })

  it('gives no 503 for an invalid command', async () => {
    redis = await connectRedisStore(server.url, log)
    const wrong = await redis.call('SET', 'only a key').catch(redisProblem)
    assert.ok(!(wrong instanceof Problem))
  })

  describe('when it is full', () => {
    beforeEach(async () => {
      redis = await connectRedisStore(server.url, log)
      await redis.set('kept', 'here')
      await server.fill()
    })
    afterEach(() => server.makeRoom())

    const assertFull = (command: Promise<unknown>) =>
      assert.rejects(
        command.catch(error => Promise.reject(redisProblem(error))),
        { name: 'Problem', status: 503, type: 'store-full', headers: { 'Retry-After': '10' } }
      )

    it('refuses commands and scripts that add data, with the problem `store-full`', async () => {
      await assertFull(redis!.set('more', 1))
      await assertFull(redisScript(redis!, 'adding', `return redis.call('SET', KEYS[1], 1)`)(['more'], []))
    })

    it('refuses a script that adds data, even if it begins by deleting data', async () => {
      const lua = `redis.call('DEL', KEYS[1]) return redis.call('SET', KEYS[2], 1)`
      await assertFull(redisScript(redis!, 'moving', lua)(['kept', 'more'], []))
      assert.equal(await redis!.get('kept'), 'here')
    })

    it('refuses only the write of a script that may add data', async () => {
      const lua = `return redis.call('GET', KEYS[1]) or redis.call('SET', KEYS[1], 1)`
      const getOrSet = redisScript<string>(redis!, 'get-or-set', lua, 'may-add')
      assert.equal(await getOrSet(['kept'], []), 'here')
      await assertFull(getOrSet(['more'], []))
    })

    it('runs scripts that read, and scripts that free memory even if they write a little', async () => {
      const read = redisScript<string>(redis!, 'reading', `return redis.call('GET', KEYS[1])`, 'reads')
      assert.equal(await read(['kept'], []), 'here')
      const lua = `redis.call('SET', KEYS[2], 'gone') return redis.call('DEL', KEYS[1])`
      assert.equal(await redisScript<number>(redis!, 'freeing', lua, 'frees')(['kept', 'note'], []), 1)
      assert.equal(await read(['note'], []), 'gone')
    })
  })
})

/** Starts a proxy to a port. Between `hang` and `goOn`, it drops all data from its clients, as a broken network does. */
async function proxyTo(port: number) {
  const sockets = new Set<Socket>()
  let isHanging = false
  const server: Server = createServer(near => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      sockets.add(from)
      from.on('data', data => hung.has(near) || to.write(data))
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
    }
    near.prependListener('data', () => isHanging && hung.add(near))
  })
  const hung = new WeakSet<Socket>()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as { port: number }).port}`,
    hang: () => {
      isHanging = true
    },
    goOn: () => {
      isHanging = false
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}
