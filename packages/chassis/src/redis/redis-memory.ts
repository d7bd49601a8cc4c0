import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { Gauge, type Registry } from 'prom-client'

/** Milliseconds in which the store must answer a scrape, which else shows the last figures. */
const ANSWER_MS = 500

/** Registers how full a store in Redis is, in bytes, read at each scrape. Where that fails or takes too long, the last figures stay. */
export function memoryMetrics(redis: Redis, registry: Registry) {
  let last = { used: 0, limit: 0 }
  let reading: Promise<void> | undefined
  async function read() {
    const info = await redis.info('memory')
    last = { used: bytesIn(info, 'used_memory'), limit: bytesIn(info, 'maxmemory') }
  }
  /** Both figures of a scrape are of one answer. */
  async function measured() {
    reading ??= read()
      .catch(() => undefined)
      .finally(() => {
        reading = undefined
      })
    await Promise.race([reading, delay(ANSWER_MS, undefined, { ref: false })])
    return last
  }
  new Gauge({
    name: 'bulkhead_store_bytes',
    help: 'Memory that the store uses. At its limit it takes nothing more',
    registers: [registry],
    async collect() {
      this.set((await measured()).used)
    }
  })
  new Gauge({
    name: 'bulkhead_store_limit_bytes',
    help: 'Memory that the store may use; 0 where it has no limit',
    registers: [registry],
    async collect() {
      this.set((await measured()).limit)
    }
  })
}

const bytesIn = (info: string, name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
