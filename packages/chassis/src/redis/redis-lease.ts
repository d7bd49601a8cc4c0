import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Lease } from '../core/index.ts'
import { scriptOf } from './redis.ts'

/** Works in a full store too: what has the lease may be what makes room. */
const hold = scriptOf(
  'frees',
  `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`
)

const release = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`

/** A lease in a service's own Redis under `key`, for `milliseconds` from each `hold()`. */
export function redisLease(redis: Redis, key: string, milliseconds: number): Lease {
  const holder = randomUUID()
  return {
    hold: async () => (await redis.eval(hold, 1, key, holder, milliseconds)) === 1,
    async release() {
      await redis.eval(release, 1, key, holder)
    }
  }
}
