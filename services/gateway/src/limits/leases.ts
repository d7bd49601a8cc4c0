import { failureLog } from '@bulkhead/chassis/core'
import { redisScript } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'

/** The requests per second, and the maximum number of simultaneous requests after a quiet time. */
export type Rate = { perSecond: number; burst: number }

/** Returns a rate whose burst is twice the requests of one second. */
export const rateOf = (perSecond: number): Rate => ({ perSecond, burst: Math.max(1, Math.round(2 * perSecond)) })

/** Multiplies a rate by `factor`. */
export const scaleRate = ({ perSecond, burst }: Rate, factor: number): Rate => ({
  perSecond: perSecond * factor,
  burst: Math.max(1, Math.round(burst * factor))
})

/** Takes up to `asked` tokens from the bucket `key`, which all replicas share. Resolves with the number of granted tokens. */
export type LeaseTokens = (key: string, asked: number, rate: Rate) => Promise<number>

/** A token bucket that uses the clock of Redis. An unused bucket expires at the time at which it would be full again. */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local asked, rate, burst = tonumber(ARGV[1]), ARGV[2] / 1000, tonumber(ARGV[3])
local saved = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = burst
if saved[1] then tokens = math.min(burst, saved[1] + math.max(0, now - saved[2]) * rate) end
local granted = math.min(asked, math.floor(tokens))
redis.call('HSET', KEYS[1], 'tokens', tokens - granted, 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate) + 1000)
return granted`

/** Leases tokens from buckets in Redis, with one round trip per lease. Logs one line when leases begin to fail. */
export function tokenLeases(redis: Redis, log: Logger): LeaseTokens {
  const leasing = failureLog(log, 'Rate limits are off: Redis grants no leases')
  const leaseTokens = redisScript<number>(redis, 'leaseTokens', script)
  return async (key, asked, { perSecond, burst }) => {
    try {
      const granted = await leaseTokens([key], [asked, perSecond, burst])
      leasing.succeeded()
      return granted
    } catch (error) {
      leasing.failed(error)
      throw error
    }
  }
}
