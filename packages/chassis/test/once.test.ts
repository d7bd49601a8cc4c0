import assert from 'node:assert/strict'
import { redisDatabase } from '@bulkhead/testing/redis-database'
import { handledLua, once } from '../src/mongo/once.ts'

type Sum = { total: number; handled?: string[] }

/** Has it be that microsecond of a second, so that those of five digits and of six are among them. */
const clockLua = `
local server = redis
local redis = { call = function(command, ...)
  if command == 'TIME' then return { '1800000000', ARGV[2] } end
  return server.call(command, ...)
end }`

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
    const { redis, close } = await redisDatabase()
    const [handled, total] = ['{sum}:handled', '{sum}:total']
    const script = `${clockLua} ${handledLua} if handled_before(KEYS[1], ARGV[1]) then return end redis.call('INCR', KEYS[2])`
    const pipeline = redis.pipeline()
    for (let id = 0; id < 1_010; id++)
      for (let time = 0; time < 2; time++) pipeline.eval(script, 2, handled, total, `evt_${id}`, 99_000 + id)
    await pipeline.exec()
    assert.equal(await redis.get(total), '1010')
    assert.equal(await redis.zcard(handled), 1_000)
    await close()
  })
})
