import { setTimeout as delay } from 'node:timers/promises'
import { audit } from './audit/audit.ts'
import type { Books } from './audit/books.ts'
import type { Fault, Outcome } from './fault.ts'
import type { Shop } from './testbed/shop.ts'
import type { Testbed } from './testbed/testbed.ts'

/** Of a storm: each kind of client once at least. */
const CLIENTS = 12
/** Milliseconds between two storms. */
const PAUSE = 500

/** What came of a fault, how many orders were acknowledged meanwhile, what the audit found, and the seconds of it all and of its parts. */
export type Result = Outcome & { fault: Fault; orders: number; findings: string[]; seconds: number; parts: string }

/**
 * Has a storm of orders while something goes wrong, waits until all of them are over, and audits the books. `isLast`: of its section, so that
 * nothing may be left to be done in the background either, for which leases of the dead must run out.
 */
export async function runFault(fault: Fault, testbed: Testbed, shop: Shop, isLast: boolean): Promise<Result> {
  const times = [performance.now()]
  const lap = () => times.push(performance.now())
  const before = shop.acknowledged.length
  await fault.prepare?.(testbed)
  lap()
  const outcome = await repeatDuring(fault.run(testbed, shop), () => shop.storm(CLIENTS))
  lap()
  const books = await shop.booksAtRest(books => audit(books).length === 0, isLast)
  lap()
  const seconds = (from: number, to: number) => Math.round((times[to]! - times[from]!) / 100) / 10
  return {
    fault,
    ...outcome,
    orders: shop.acknowledged.length - before,
    findings: audit(books),
    seconds: seconds(0, 3),
    parts: `${seconds(0, 1)} to begin, ${seconds(1, 2)} of storm, ${seconds(2, 3)} to rest`
  }
}

/** Does something again and again, once at least, a moment apart, until `work` is done. */
export async function repeatDuring<T>(work: Promise<T>, repeated: () => Promise<unknown>): Promise<T> {
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
export function summaryOfStates({ orders }: Books): string {
  const counts = [...Map.groupBy(orders, ({ state }) => state)].map(([state, of]) => `${of.length} ${state}`)
  return counts.sort().join(', ')
}
