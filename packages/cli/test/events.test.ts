import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { addDeadLetter } from '@bulkhead/chassis/events'
import { Redis } from 'ioredis'
import { eventLogServer, eventLogUrl } from '../src/event-log/event-log.ts'
import { withEventLog } from '../src/event-log/event-log-connection.ts'
import type { Daemon } from '../src/processes/daemon.ts'
import { readStack, type Stack } from '../src/services/stack.ts'
import { startRedisServer } from '../src/stores/redis-server.ts'
import { fixtureRepository, freePortBase } from './fixture.ts'
import { bulkhead } from './runner.ts'

describe('bulkhead events', () => {
  let stack: Stack
  let server: Daemon

  before(async () => {
    stack = readStack(fixtureRepository(), await freePortBase())
    server = await startRedisServer({ ...eventLogServer(stack), logFile: join(stack.folder, 'event-log.log') })
    await withEventLog(stack, async redis => {
      await redis.xgroup('CREATE', 'events.alpha', 'beta', '0', 'MKSTREAM')
      await redis.xadd('events.alpha', '*', 'event', '{"id":"evt_1"}')
      const letter = { event: '{"id":"evt_2"}', error: 'no such product', stream: 'events.alpha', entry: '1-0' }
      await addDeadLetter(redis, 'beta', { ...letter, at: '2026-01-01T00:00:00Z' }, 10)
    })
  })

  after(async () => {
    await server.stop()
    rmSync(stack.root, { recursive: true, force: true })
  })

  async function run(...args: string[]) {
    const command = bulkhead(stack.root, stack.portBase, 'events', ...args)
    return { code: await command.ended, output: command.output() }
  }

  it('shows how many events a subscriber is behind', async () => {
    const { code, output } = await run('lag', '--json')
    assert.equal(code, 0)
    const [{ stream, group, lag }] = JSON.parse(output)
    assert.deepEqual({ stream, group, lag }, { stream: 'events.alpha', group: 'beta', lag: 1 })
  })

  it('lists the dead letters of a service, and delivers them again', async () => {
    assert.match((await run('dead', 'beta')).output, /no such product +\{"id":"evt_2"\}/)
    const unknown = await run('replay', 'beta', '1-7', 'evt_2')
    assert.equal(unknown.code, 1)
    assert.match(unknown.output, /beta has no dead letter 1-7, evt_2; nothing was replayed/)
    assert.match((await run('replay', 'beta')).output, /Replayed 1 event to beta/)
    assert.deepEqual(JSON.parse((await run('dead', 'beta', '--json')).output), [])
    assert.equal((await run('dead', 'beta')).output, 'beta has no dead letters\n')
  })

  it('deletes a dead letter by its ID', async () => {
    const letter = { event: '{"id":"evt_4"}', error: 'of no use', stream: 'events.alpha', entry: '2-0' }
    await withEventLog(stack, redis => addDeadLetter(redis, 'beta', { ...letter, at: '2026-01-01T00:00:00Z' }, 10))
    const [{ id }] = JSON.parse((await run('dead', 'beta', '--json')).output)
    assert.match((await run('discard', 'beta')).output, /ID is missing/)
    assert.match((await run('discard', 'beta', '1-7')).output, /beta has no dead letter 1-7; nothing was discarded/)
    assert.deepEqual(await run('discard', 'beta', id), { code: 0, output: 'Discarded 1 event of beta\n' })
    assert.deepEqual(JSON.parse((await run('dead', 'beta', '--json')).output), [])
  })

  it('removes a subscriber that no longer reads, and needs --force for one that still reads', async () => {
    const reader = new Redis(eventLogUrl(stack, 'beta'))
    await withEventLog(stack, async redis => {
      for (const group of ['gone', 'beta']) await redis.xgroup('CREATE', 'events.beta', group, '0', 'MKSTREAM')
      await reader.xreadgroup('GROUP', 'beta', 'replica', 'COUNT', 1, 'STREAMS', 'events.beta', '>')
      await redis.xadd('events.beta', '*', 'event', '{"id":"evt_3"}')
    })
    const gone = await run('forget', 'beta', 'gone')
    assert.deepEqual(gone, { code: 0, output: 'Removed gone. It was 1 event of beta behind\n' })
    const reading = await run('forget', 'beta', 'beta')
    assert.equal(reading.code, 1)
    assert.match(reading.output, /beta still reads events, on 1 connections\. Stop beta first/)
    assert.equal(JSON.parse((await run('forget', 'beta', 'beta', '--force', '--json')).output).lag, 1)
    reader.disconnect()
    const again = await run('forget', 'beta', 'gone')
    assert.equal(again.code, 1)
    assert.match(again.output, /gone does not subscribe to the events of beta\. Its subscribers: none/)
  })

  it('reports if no service subscribes', async () => {
    await withEventLog(stack, redis => redis.flushall())
    assert.equal((await run('lag')).output, 'No service subscribes to events\n')
    assert.equal((await run('lag', '--json')).output, '[]\n')
  })

  it('lists the services if the name is unknown', async () => {
    const { code, output } = await run('dead', 'gamma')
    assert.equal(code, 1)
    assert.match(output, /there is no service "gamma"\. Choose from alpha, beta/)
  })
})
