import { setTimeout as delay } from 'node:timers/promises'
import { audit, type Books } from './audit.ts'
import type { Fault } from './faults.ts'
import type { Ground } from './ground.ts'
import type { Shop } from './shop.ts'

/** Of a storm. */
const CLIENTS = 12
/** Milliseconds between two storms. */
const PAUSE = 1_000

/** What came of a fault: what happened, how many orders were acknowledged meanwhile, and what the audit found. */
export type Result = { fault: string; what: string; orders: number; seconds: number; findings: string[] }

/** Has a storm of orders while something goes wrong, waits until all of them are over, and audits the books. */
export async function runFault(fault: Fault, ground: Ground, shop: Shop): Promise<Result> {
  const start = performance.now()
  const before = shop.acknowledged.length
  await fault.prepare?.(ground)
  const what = await during(fault.run(ground, shop), () => shop.storm(CLIENTS))
  const books = await shop.booksAtRest(books => audit(books).length === 0)
  const seconds = Math.round((performance.now() - start) / 100) / 10
  return { fault: fault.name, what, orders: shop.acknowledged.length - before, seconds, findings: audit(books) }
}

/** Does something again and again, once at least, a moment apart, until `work` is done. */
export async function during<T>(work: Promise<T>, repeated: () => Promise<unknown>): Promise<T> {
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  const ended = done.catch(() => undefined)
  do {
    await repeated()
    await Promise.race([ended, delay(PAUSE)])
  } while (!isDone)
  return done
}

/** How many orders came to which end. */
export function endsOf({ orders }: Books): string {
  const counts = [...Map.groupBy(orders, ({ state }) => state)].map(([state, of]) => `${of.length} ${state}`)
  return counts.sort().join(', ')
}
