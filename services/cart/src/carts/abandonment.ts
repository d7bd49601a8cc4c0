import { defineCounter, register, repeat } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { ABANDONED_MS } from './limits.ts'
import type { Carts } from './store.ts'

export const cartsAbandoned = defineCounter({
  name: 'bulkhead_carts_abandoned_total',
  help: 'Carts with lines that nobody changed or deleted for an hour, each counted once, by the replica that found it. Shops delete a cart after its order'
})

/** How long a cart is unchanged before it counts as abandoned, and the pause between two looks for such carts (ms). */
export type AbandonmentTimes = { age: number; look: number }

type Options = {
  carts: Pick<Carts, 'takeAbandoned'>
  log: Logger
  registry: Registry
  times?: AbandonmentTimes | undefined
}

const TIMES: AbandonmentTimes = { age: ABANDONED_MS, look: 30_000 }
/** The number of carts that are taken at once, because a script blocks the store. */
const BATCH = 100

/** Counts abandoned carts. Every replica looks for them, and the store gives each cart to only one. */
export function abandonment({ carts, log, registry, times = TIMES }: Options) {
  const counter = register(registry, cartsAbandoned)
  const stopping = new AbortController()
  const { signal } = stopping
  let loop = Promise.resolve()

  async function look() {
    for (let taken = BATCH; taken === BATCH && !signal.aborted; ) {
      const found = await carts.takeAbandoned(times.age, BATCH)
      taken = found.taken
      counter.inc(found.abandoned)
    }
  }

  return {
    start() {
      loop = repeat('Counting abandoned carts', look, () => times.look, { log, signal })
    },
    async stop() {
      stopping.abort()
      await loop
    }
  }
}
