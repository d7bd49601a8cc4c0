import type { Extra, Ground } from './ground.ts'
import type { Shop } from './shop.ts'

/** What came of a fault: what is to be told of it, in a few words, and which of its points were not reached. */
export type Outcome = { what: string; unreached?: string[] }

/** One thing that goes wrong during a storm of orders. */
export type Fault = {
  name: string
  /** At the end of each section all that waits in the background must come to its end. */
  section: string
  /** The named points that it is to reach, each with its service. */
  points?: string[]
  /** Whether it needs a program that shifts the clock of a process. */
  isOfClock?: boolean
  /** Is done before the storm. */
  prepare?: (ground: Ground) => Promise<unknown>
  /** Goes on during the storm, and resolves once all is mended. */
  run: (ground: Ground, shop: Shop) => Promise<Outcome>
}

export async function restart(ground: Ground, service: string, extra: Extra = {}, index = 0) {
  const replica = ground.replicas(service)[index]!
  await replica.stop()
  await replica.start(extra)
}
