import type { Shop } from './testbed/shop.ts'
import type { StartOptions, Testbed } from './testbed/testbed.ts'

/** The outcome of a fault: a few words to print, and the named points that were not reached. */
export type Outcome = { what: string; unreached?: string[] }

/** A fault that happens during a storm of orders. */
export type Fault = {
  name: string
  /** The group of the fault. At the end of a group, all background work must be done. */
  section: string
  /** The named points that the fault must reach, each with its service. */
  points?: string[]
  /** True if the fault needs faketime, which shifts the clock of a process. */
  isOfClock?: boolean
  /** Runs before the storm. */
  prepare?: (testbed: Testbed) => Promise<unknown>
  /** Runs during the storm. Resolves once the fault is repaired. */
  run: (testbed: Testbed, shop: Shop) => Promise<Outcome>
}

export async function restart(testbed: Testbed, service: string, extra: StartOptions = {}, index = 0) {
  const replica = testbed.replicas(service)[index]!
  await replica.stop()
  await replica.start(extra)
}
