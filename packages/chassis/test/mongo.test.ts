import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { until } from '@bulkhead/testing/until'
import { Problem } from '../src/core/problem.ts'
import { connectMongo, mongoProblem } from '../src/mongo/mongo.ts'

const isUnavailable = (error: unknown) => {
  const problem = mongoProblem(error)
  return problem instanceof Problem && problem.status === 503 && problem.headers['Retry-After'] === '1'
}

/** How often a test breaks its connections. */
const TURNS = 3

describe('connectMongo', () => {
  let proxy: Awaited<ReturnType<typeof tcpProxy>>
  const url = () =>
    Object.assign(new URL(proxy.url), { pathname: '/chassis-mongo', search: 'directConnection=true' }).href

  beforeEach(async () => {
    proxy = await tcpProxy(process.env.TEST_MONGODB_URL!)
  })
  afterEach(() => proxy.close())

  for (const fault of ['cut', 'block'] as const) {
    it(`rejects with a 503 while the store is unavailable (${fault}), and works when it is back`, async () => {
      const { db, close } = await connectMongo(url(), 'test')
      const lamps = db.collection<{ _id: string }>('lamps')
      await lamps.deleteMany({})
      proxy[fault]()
      await assert.rejects(lamps.insertOne({ _id: fault }), isUnavailable)
      proxy.mend()
      await until(() =>
        lamps.findOne({ _id: 'nothing' }).then(
          () => true,
          () => false
        )
      )
      await lamps.updateOne({ _id: fault }, { $set: { on: true } as never }, { upsert: true })
      assert.equal(await lamps.countDocuments(), 1)
      await close()
    })
  }

  /** Connects, and returns the sockets of the driver, including those that it opens later. */
  async function connectWatched() {
    const all: Socket[] = []
    const take = (message: unknown) => void all.push((message as { socket: Socket }).socket)
    subscribe('net.client.socket', take)
    const { db, close } = await connectMongo(url(), 'test')
    await db.collection('lamps').findOne()
    const sockets = () => all.filter(({ remotePort }) => remotePort === Number(new URL(url()).port))
    assert.ok(sockets().length > 1, "a socket of the pool and the monitor's")
    return {
      db,
      sockets,
      async close() {
        unsubscribe('net.client.socket', take)
        await close()
      }
    }
  }

  it('rejects an operation on a socket that has ended but is not closed yet, and works afterwards', async () => {
    const { db, sockets, close } = await connectWatched()
    const lamps = db.collection('lamps')
    for (const socket of sockets()) socket.destroy()
    // The driver retries a read and a write of one document, but not a command.
    await assert.rejects(db.command({ ping: 1 }), isUnavailable)
    await lamps.findOne()
    await close()
  })

  /** Closes the connections from afar, and writes a byte to each. The answer to it makes the next write fail with EPIPE. */
  function closeAndWrite(sockets: Socket[]) {
    proxy.mend()
    for (const socket of sockets) socket.write('x')
  }

  function assertUnavailable(error: unknown) {
    assert.ok(isUnavailable(error), `${error}`)
    return false
  }

  function errorsOf(sockets: Socket[]) {
    const codes: string[] = []
    for (const socket of sockets) socket.once('error', ({ code }: NodeJS.ErrnoException) => codes.push(`${code}`))
    return codes
  }

  for (const { code, breakOff } of [
    { code: 'ECONNRESET', breakOff: () => proxy.reset() },
    { code: 'EPIPE', breakOff: closeAndWrite }
  ]) {
    it(`retries a read, and makes a write a 503 or retries it, when the connection is found broken (${code})`, async () => {
      const { db, sockets, close } = await connectWatched()
      const lamps = db.collection<{ _id: number }>('broken')
      await lamps.deleteMany({})
      for (let turn = 1; turn <= TURNS; turn++) {
        await until(() => lamps.insertOne({ _id: turn }).then(() => true, assertUnavailable))
        const errors = errorsOf(sockets())
        breakOff(sockets())
        // The write of the command is the first that meets the broken connection.
        assert.equal((await lamps.findOne({ _id: turn }))?._id, turn)
        assert.ok(errors.includes(code), `The errors of the sockets: ${errors}`)
        breakOff(sockets())
        await lamps.updateOne({ _id: turn }, { $set: { lit: true } as never }).catch(assertUnavailable)
      }
      await close()
    })
  }

  it('rejects if there is no store', async () => {
    proxy.cut()
    await assert.rejects(connectMongo(url(), 'test'), isUnavailable)
  })

  it('passes a fault point before and after each write', async () => {
    const passed: string[] = []
    const { db, close } = await connectMongo(url(), 'test', name => void passed.push(name))
    const lamps = db.collection<{ _id: string; lit?: boolean }>('watched')
    const writes = [
      () => lamps.deleteMany({}),
      () => lamps.insertOne({ _id: 'one' }),
      () => lamps.updateOne({ _id: 'one' }, { $set: { lit: true } }),
      () => lamps.findOneAndUpdate({ _id: 'one' }, { $set: { lit: false } })
    ]
    for (const write of writes) {
      passed.length = 0
      await write()
      await lamps.findOne({ _id: 'one' })
      assert.deepEqual(passed, ['before-write', 'after-write'])
    }
    await close()
  })

  it('ends open sessions and cursors when it closes', async () => {
    const { db, close } = await connectMongo(url(), 'test')
    const lamps = db.collection<{ _id: number }>('lamps')
    await lamps.deleteMany({})
    await lamps.insertMany(Array.from({ length: 10 }, (_, place) => ({ _id: place })))
    const cursors = [1, 2, 3].map(() => lamps.find({}, { batchSize: 2 }))
    const closed: number[] = []
    for (const [place, cursor] of cursors.entries()) {
      cursor.once('close', () => closed.push(place))
      await cursor.next()
    }
    await cursors[0]!.close()
    // Sessions leave the list as they end, while the driver iterates over the list.
    const sessions = [1, 2, 3, 4].map(() => db.client.startSession())
    await close()
    assert.deepEqual(closed.sort(), [0, 1, 2])
    assert.ok(sessions.every(({ hasEnded }) => hasEnded))
  })

  it('moves less than 1,000 bytes of each finished operation to the old generation', async () => {
    const finds = join(import.meta.dirname, 'fixtures/finds.ts')
    // The old generation gets enough room, because a full collection in between would hide the moved objects.
    const flags = ['--expose-gc', '--initial-old-space-size=1000', finds]
    const env = { ...process.env, MONGODB_URL: url() }
    const { stdout } = await promisify(execFile)(process.execPath, flags, { env, timeout: 120_000 })
    assert.ok(Number(stdout) < 1_000, `${stdout} bytes of each`)
  })

  it('returns other errors unchanged', () => {
    const error = new Error('a fault of ours')
    assert.equal(mongoProblem(error), error)
  })
})
