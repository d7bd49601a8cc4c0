import { failureLog } from '@bulkhead/chassis/core'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'

/** How many requests a second, and how many at once after a quiet time. */
export type Rate = { perSecond: number; burst: number }

/** So many requests a second, and twice as many at once. */
export const twiceAtOnce = (perSecond: number): Rate => ({ perSecond, burst: Math.max(1, Math.round(2 * perSecond)) })

/** `factor` times as many. */
export const scaled = ({ perSecond, burst }: Rate, factor: number): Rate => ({
  perSecond: perSecond * factor,
  burst: Math.max(1, Math.round(burst * factor))
})

/** Takes up to `asked` tokens out of the bucket `key` that all gateways share. Resolves with how many there were. */
export type LeaseTokens = (key: string, asked: number, rate: Rate) => Promise<number>

/** A token bucket by Redis's own clock. An unused bucket expires once it would be full again. */
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

/** Token buckets in the gateway's Redis; one round trip a lease. The log has one line when leases begin to fail. */
export function tokenLeases(redis: Redis, log: Logger): LeaseTokens {
  const leasing = failureLog(log, 'The limits of rates do not hold: Redis grants no leases')
  redis.defineCommand('leaseTokens', { numberOfKeys: 1, lua: script })
  const commands = redis as unknown as {
    leaseTokens(key: string, asked: number, perSecond: number, burst: number): Promise<number>
  }
  return async (key, asked, { perSecond, burst }) => {
    try {
      const granted = await commands.leaseTokens(key, asked, perSecond, burst)
      leasing.succeeded()
      return granted
    } catch (error) {
      leasing.failed(error)
      throw error
    }
  }
}
