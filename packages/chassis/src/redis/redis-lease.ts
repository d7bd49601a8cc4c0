import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Lease } from '../core/index.ts'
import { scriptOf } from './redis.ts'

/** The script of `hold`. It runs in a full store too, because the holder of the lease may be the replica that makes room. */
const holdScript = scriptOf(
  'frees',
  `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`
)

const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`

/** Creates a lease in a service's own Redis, under `key`. It expires `milliseconds` after each `hold()`. */
export function redisLease(redis: Redis, key: string, milliseconds: number): Lease {
  const holder = randomUUID()
  return {
    hold: async () => (await redis.eval(holdScript, 1, key, holder, milliseconds)) === 1,
    async release() {
      await redis.eval(releaseScript, 1, key, holder)
    }
  }
}
