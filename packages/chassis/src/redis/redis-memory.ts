import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { Gauge, type Registry } from 'prom-client'

/** How long (ms) a scrape waits for the store. */
const TIMEOUT_MS = 500

/**
 * Registers gauges of a Redis store's memory and its limit, in bytes, which are read at each scrape. If reading fails or takes too long,
 * the gauges keep their last figures.
 */
export function memoryMetrics(redis: Redis, registry: Registry) {
  let last = { used: 0, limit: 0 }
  let reading: Promise<void> | undefined
  async function read() {
    const info = await redis.info('memory')
    last = { used: bytesIn(info, 'used_memory'), limit: bytesIn(info, 'maxmemory') }
  }
  /** Returns the figures. Both gauges of a scrape share one reading. */
  async function readOnce() {
    reading ??= read()
      .catch(() => undefined)
      .finally(() => {
        reading = undefined
      })
    await Promise.race([reading, delay(TIMEOUT_MS, undefined, { ref: false })])
    return last
  }
  new Gauge({
    name: 'bulkhead_store_bytes',
    help: 'Memory that the store uses. At its limit it refuses new data',
    registers: [registry],
    async collect() {
      this.set((await readOnce()).used)
    }
  })
  new Gauge({
    name: 'bulkhead_store_limit_bytes',
    help: 'Memory that the store may use; 0 if it has no limit',
    registers: [registry],
    async collect() {
      this.set((await readOnce()).limit)
    }
  })
}

const bytesIn = (info: string, name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
