import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { until } from '@bulkhead/testing/until'

const STREAM = 'events.cart'
const CAP = 10

describe('cart, when its stream of events is full', function () {
  this.timeout(30_000)
  let store: RedisDatabase
  let log: RedisDatabase
  let cart: ReturnType<typeof serviceProcess>
  let url: string
  const tokens = mkdtempSync(join(tmpdir(), 'bulkhead-cart-'))

  beforeEach(async () => {
    store = await redisDatabase()
    log = await redisDatabase()
    cart = serviceProcess(join(import.meta.dirname, '../src/main.ts'), {
      REDIS_URL: store.url,
      EVENT_LOG_URL: log.url,
      EVENT_LOG_CAP: String(CAP),
      SERVICE_TOKENS_DIR: tokens,
      CATALOG_URL: 'http://127.0.0.1:1',
      IDENTITY_URL: 'http://127.0.0.1:1'
    })
    url = await cart.ready()
  })
  afterEach(async () => {
    cart.stop('SIGKILL')
    await cart.ended
    await Promise.all([store.close(), log.close()])
  })
  after(() => rmSync(tokens, { recursive: true }))

  async function createCarts(count: number) {
    const create = () => fetch(`${url}/carts`, { method: 'POST', signal: AbortSignal.timeout(10_000) })
    const answers = await Promise.all(Array.from({ length: count }, create))
    for (const { status } of answers) assert.equal(status, 201)
  }

  async function metric(name: string) {
    const port = cart.lines().find(({ msg }) => msg === 'ready')!.operationsPort
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return text.split('\n').find(line => line.startsWith(name))
  }

  const published = (count: number) =>
    until(async () => (await metric('bulkhead_events_published_total'))?.endsWith(` ${count}`))

  it('publishes further events and drops the oldest ones while nobody subscribes', async () => {
    for (let turn = 1; turn <= 6; turn++) {
      await createCarts(CAP)
      await published(turn * CAP)
    }
    assert.equal(await metric('bulkhead_relay_stopped'), 'bulkhead_relay_stopped 0')
    const length = await log.redis.xlen(STREAM)
    assert.ok(length < 2 * CAP, `the stream has ${length} entries`)
  })

  it('keeps unhandled events for a subscriber, names the subscriber, and publishes again when they are handled', async () => {
    await log.redis.xgroup('CREATE', STREAM, 'reader', '0', 'MKSTREAM')
    await createCarts(CAP)
    await published(CAP)
    await createCarts(CAP)
    await until(() => cart.written.out.includes('bulkhead events forget cart reader'))
    assert.equal(await metric('bulkhead_event_log_unread'), `bulkhead_event_log_unread{subscriber="reader"} ${CAP}`)
    const subjects = new Set<string>()
    await until(async () => {
      for (const subject of await handleAll()) subjects.add(subject)
      return subjects.size === 2 * CAP
    })
  })

  /** Acknowledges all events that the group `reader` can read. Returns their subjects. */
  async function handleAll() {
    const reply = await log.redis.xreadgroup('GROUP', 'reader', 'one', 'STREAMS', STREAM, '>')
    const entries = (reply?.[0]?.[1] ?? []) as [string, string[]][]
    if (entries.length > 0) await log.redis.xack(STREAM, 'reader', ...entries.map(([id]) => id))
    return entries.map(([, [, event]]) => JSON.parse(event!).subject as string)
  }
})
