import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { redisServer } from '@bulkhead/testing/redis-server'
import { Redis } from 'ioredis'

describe('the process of cart', () => {
  const url = `${process.env.TEST_REDIS_URL}/8`

  function run(store: string) {
    const keys = 'file:///none'
    const environment = {
      ...{ HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', DRAIN_SECONDS: '0', REDIS_URL: store, EVENT_LOG_URL: url },
      ...{ CATALOG_URL: 'http://127.0.0.1:1', SERVICE_TOKENS_DIR: '/none', PEOPLE_ISSUER: 'people', PEOPLE_JWKS: keys },
      ...{ SERVICES_ISSUER: 'services', SERVICES_JWKS: keys, SERVICES_NAMESPACE: 'bulkhead' }
    }
    const child = spawn(process.execPath, [join(import.meta.dirname, '../src/server.ts')], { env: environment })
    const ended = once(child, 'close')
    let out = ''
    child.stdout.on('data', text => {
      out += text
    })
    const says = async (message: string) => {
      while (!out.includes(message)) await once(child.stdout, 'data')
    }
    return {
      child,
      ended,
      says,
      lines: () =>
        out
          .trim()
          .split('\n')
          .map(line => JSON.parse(line))
    }
  }

  it('is ready when its store answers, and ends with code 0 at SIGTERM', async () => {
    const { child, ended, says, lines } = run(url)
    await says('"ready"')
    child.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null])
    assert.deepEqual(
      lines()
        .filter(({ level }) => level === 'info')
        .map(({ msg }) => msg),
      ['ready', 'draining', 'stopped']
    )
  })

  it('publishes what it wrote', async () => {
    const { child, ended, says, lines } = run(url)
    await says('"ready"')
    const { port } = lines().find(({ msg }) => msg === 'ready')
    const { id } = (await (await fetch(`http://127.0.0.1:${port}/carts`, { method: 'POST' })).json()) as { id: string }
    child.kill('SIGTERM')
    await ended
    const log = new Redis(url)
    const entries = await log.xrange('events.cart', '-', '+')
    log.disconnect()
    const events = entries.map(([, [, event]]) => JSON.parse(event!)).filter(({ subject }) => subject === id)
    assert.deepEqual(
      events.map(({ type, data }) => [type, data.version]),
      [['cart.cart.created', 1]]
    )
  })

  it('does not start while its store is away', async () => {
    const store = await redisServer()
    await store.kill()
    const { ended } = run(store.url)
    assert.equal((await ended)[0], 1)
    await store.stop()
  })
})
