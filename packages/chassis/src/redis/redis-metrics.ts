import type { Redis } from 'ioredis'
import type { Registry } from 'prom-client'
import {
  defineGauge,
  type GaugeDefinition,
  measureStoreUp,
  observeCommands,
  type StoreName,
  shared,
  storeMetrics,
  updateAtScrape
} from '../core/index.ts'
import { MarkingRedis } from './redis-errors.ts'

/** The gauges of a server's memory, in bytes. */
export type MemoryMetrics = { used: GaugeDefinition<never>; limit: GaugeDefinition<never> }

const storeMemory: MemoryMetrics = {
  used: defineGauge({
    name: 'bulkhead_store_bytes',
    help: 'Memory that the store uses. At its limit it refuses new data'
  }),
  limit: defineGauge({
    name: 'bulkhead_store_limit_bytes',
    help: 'Memory that the store may use; 0 if it has no limit'
  })
}

/** The metrics of a service's own Redis. */
export const redisMetrics = [...storeMetrics, storeMemory.used, storeMemory.limit]

/** Registers the metrics of a service's own Redis: whether it answers, its commands and its memory. */
export function measureRedisStore(redis: Redis, registry: Registry) {
  measureRedis(redis, registry, 'redis')
  measureMemory(redis, registry, storeMemory)
}

/** Registers whether a server answers, and the durations of the commands on this connection. */
export function measureRedis(redis: Redis, registry: Registry, store: StoreName) {
  measureStoreUp(registry, store, () => redis.ping())
  if (redis instanceof MarkingRedis) redis.onCommand = observeCommands(registry, store)
}

/** Registers gauges of a server's memory and its limit. Both gauges of a scrape share one reading. */
export function measureMemory(redis: Redis, registry: Registry, { used, limit }: MemoryMetrics) {
  const read = shared(() => redis.info('memory'))
  updateAtScrape(registry, used, async gauge => gauge.set(bytesIn(await read(), 'used_memory')))
  updateAtScrape(registry, limit, async gauge => gauge.set(bytesIn(await read(), 'maxmemory')))
}

const bytesIn = (info: string, name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
