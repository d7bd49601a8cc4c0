import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connect } from '@bulkhead/testing/redis-server'
import { handledLua, once } from '../src/handled.ts'

type Sum = { total: number; handled?: string[] }

describe('effects of events', () => {
  const add = (sum: Sum) => ({ state: { ...sum, total: sum.total + 1 }, events: [] })

  it('happen once for each event, and remember a bounded number of them', () => {
    let sum: Sum = { total: 0 }
    for (const id of ['a', 'b', 'a', 'b', 'c', 'c']) sum = once(sum, { id }, add, 2).state
    assert.deepEqual(sum, { total: 3, handled: ['b', 'c'] })
  })

  it('leave the state alone when it was handled', () => {
    const sum = { total: 1, handled: ['a'] }
    assert.deepEqual(once(sum, { id: 'a' }, add), { state: sum, events: [] })
  })

  it('happen once in Redis, where a thousand are remembered', async () => {
    const redis = connect(process.env.TEST_REDIS_URL!)
    const [handled, total] = [`{${randomUUID()}}:handled`, `{${randomUUID()}}:total`]
    const script = `${handledLua} if handled_before(KEYS[1], ARGV[1]) then return end redis.call('INCR', KEYS[2])`
    const pipeline = redis.pipeline()
    for (let id = 0; id < 1_010; id++)
      for (let time = 0; time < 2; time++) pipeline.eval(script, 2, handled, total, `evt_${id}`)
    await pipeline.exec()
    assert.equal(await redis.get(total), '1010')
    assert.equal(await redis.zcard(handled), 1_000)
    await redis.del(handled, total)
    redis.disconnect()
  })
})
