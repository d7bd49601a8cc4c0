import { setTimeout as delay } from 'node:timers/promises'
import { audit } from './audit/audit.ts'
import type { Books } from './audit/books.ts'
import type { Fault, Outcome } from './fault.ts'
import type { Shop } from './testbed/shop.ts'
import type { Testbed } from './testbed/testbed.ts'

/** The number of clients of a storm, which include every kind of client. */
const CLIENTS = 12
/** The pause between two storms (ms). */
const PAUSE = 500

/** The result of a fault: the number of acknowledged orders, the findings of the audit, the total seconds, and those of each phase. */
export type Result = Outcome & { fault: Fault; orders: number; findings: string[]; seconds: number; parts: string }

/**
 * Sends storms of orders during a fault, waits until all orders are finished, and audits the books. After the last fault of a section
 * (`isLast`), background work must also be done, which can take until the leases of dead replicas expire.
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
    parts: `${seconds(0, 1)} to prepare, ${seconds(1, 2)} of storm, ${seconds(2, 3)} until rest`
  }
}

/** Calls `repeated` at least once, and repeats it after a pause until `work` is done. */
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

/** Counts the orders in each state. */
export function summaryOfStates({ orders }: Books): string {
  const counts = [...Map.groupBy(orders, ({ state }) => state)].map(([state, of]) => `${of.length} ${state}`)
  return counts.sort().join(', ')
}
