import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { EVENT_LOG_ADMIN, eventLogServer, eventLogUrl } from '../src/event-log/event-log.ts'
import type { Daemon } from '../src/processes/daemon.ts'
import { readStack, type Stack } from '../src/services/stack.ts'
import { startRedisServer } from '../src/stores/redis-server.ts'
import { fixtureRepository, freePortBase } from './fixture.ts'

describe('the event log', () => {
  let stack: Stack
  let server: Daemon
  const start = () => startRedisServer({ ...eventLogServer(stack), logFile: join(stack.folder, 'event-log.log') })
  const connections: Redis[] = []

  before(async () => {
    stack = readStack(fixtureRepository(), await freePortBase())
    server = await start()
  })

  after(async () => {
    for (const connection of connections) connection.disconnect()
    await server.stop()
    rmSync(stack.root, { recursive: true, force: true })
  })

  function connect(url: string) {
    const connection = new Redis(url, { maxRetriesPerRequest: 0 }).on('error', () => undefined)
    connections.push(connection)
    return connection
  }

  const add = (user: string, stream: string) => connect(eventLogUrl(stack, user)).xadd(stream, '*', 'event', '{}')

  it('lets a service append to its own stream and its own dead letters', async () => {
    assert.ok(await add('alpha', 'events.alpha'))
    assert.ok(await add('alpha', 'events.alpha.dead'))
  })

  it('lets no service append to the stream of another service', () =>
    assert.rejects(add('alpha', 'events.beta'), /NOPERM/))

  it('lets a service read the stream of another service in a consumer group', async () => {
    await add('beta', 'events.beta')
    const alpha = connect(eventLogUrl(stack, 'alpha'))
    await alpha.xgroup('CREATE', 'events.beta', 'alpha', '0')
    const read = await alpha.xreadgroup('GROUP', 'alpha', 'one', 'COUNT', 1, 'STREAMS', 'events.beta', '>')
    assert.equal(read?.length, 1)
  })

  for (const command of ['flushall', 'keys *', 'config get dir', 'del events.alpha']) {
    it(`refuses ${command} to a service`, async () => {
      const [name, ...args] = command.split(' ')
      await assert.rejects(connect(eventLogUrl(stack, 'alpha')).call(name!, ...args), /NOPERM/)
    })
  }

  it('refuses a client without a password', async () => {
    await assert.rejects(connect(`redis://127.0.0.1:${stack.eventLogPort}`).ping(), /NOAUTH|Connection is closed/)
  })

  it('lets the administrator run every command', async () => {
    assert.ok(await connect(eventLogUrl(stack, EVENT_LOG_ADMIN)).dbsize())
  })

  it('keeps the position of a consumer group after a restart', async () => {
    // If a group reads several messages at once, Redis writes that to its file as a transaction.
    await add('beta', 'events.beta')
    await add('beta', 'events.beta')
    await connect(eventLogUrl(stack, 'alpha')).xreadgroup('GROUP', 'alpha', 'one', 'STREAMS', 'events.beta', '>')
    await server.stop()
    server = await start()
    const [waiting] = await connect(eventLogUrl(stack, 'alpha')).xpending('events.beta', 'alpha')
    assert.equal(waiting, 3)
  })

  it('keeps its passwords when the server is described again', () => {
    const before = eventLogUrl(stack, 'alpha')
    eventLogServer(stack)
    assert.equal(eventLogUrl(stack, 'alpha'), before)
  })
})
