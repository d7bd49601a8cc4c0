import type { Shop } from './testbed/shop.ts'
import type { StartOptions, Testbed } from './testbed/testbed.ts'

/** What came of a fault: what is to be told of it, in a few words, and which of its points were not reached. */
export type Outcome = { what: string; unreached?: string[] }

/** One thing that goes wrong repeatDuring a storm of orders. */
export type Fault = {
  name: string
  /** At the end of each section all that waits in the background must come to its end. */
  section: string
  /** The named points that it is to reach, each with its service. */
  points?: string[]
  /** Whether it needs a program that shifts the clock of a process. */
  isOfClock?: boolean
  /** Is done before the storm. */
  prepare?: (testbed: Testbed) => Promise<unknown>
  /** Goes on repeatDuring the storm, and resolves once all is mended. */
  run: (testbed: Testbed, shop: Shop) => Promise<Outcome>
}

export async function restart(testbed: Testbed, service: string, extra: StartOptions = {}, index = 0) {
  const replica = testbed.replicas(service)[index]!
  await replica.stop()
  await replica.start(extra)
}
