/** A part of `.ci/run`, and how long it takes on two idle cores. */
export type PlannedPart = {
  name: string
  /** Seconds that do not depend on the number of services. */
  fixed: number
  /** Further seconds for each service. */
  perService: number
  /** Further seconds if nothing is cached that the part builds or downloads. */
  uncached?: number
  /** Only for a suite of which CI runs a sample. */
  sampled?: {
    /** The most seconds that a sample takes, including the pieces for changed services. */
    most: number
    /** Seconds of the whole suite for a number of services, on top of `fixed` and `perService`. */
    whole: (services: number) => number
  }
}

/** The parts in their order. docs/testing.md shows them, and says which numbers were measured. */
export const plan: PlannedPart[] = [
  { name: 'helm', fixed: 0, perService: 0, uncached: 283 },
  { name: 'make test', fixed: 140, perService: 20, uncached: 120 },
  { name: 'make verify', fixed: 11, perService: 2 },
  { name: 'make up, make smoke, make tour, make down', fixed: 20, perService: 2.5 },
  {
    name: 'make fuzz',
    fixed: 35,
    perService: 2,
    uncached: 30,
    sampled: { most: 270, whole: services => 40 * services }
  },
  { name: 'make faults', fixed: 50, perService: 0, sampled: { most: 400, whole: () => 960 } },
  { name: 'the programs of a node', fixed: 0, perService: 0, uncached: 700 },
  { name: 'make cluster', fixed: 45, perService: 0 },
  { name: 'make deploy', fixed: 47, perService: 20 },
  {
    name: 'make test-cluster',
    fixed: 361,
    perService: 25.5,
    sampled: { most: 490, whole: services => 98 * services }
  }
]

export type Run = {
  services: number
  /** Every suite whole, as by `make test-all`. */
  isWhole: boolean
  hasCaches: boolean
}

export function secondsOfPart({ fixed, perService, uncached = 0, sampled }: PlannedPart, run: Run): number {
  const whole = sampled?.whole(run.services) ?? 0
  const long = run.isWhole ? whole : Math.min(whole, sampled?.most ?? 0)
  return Math.round(fixed + perService * run.services + long + (run.hasCaches ? 0 : uncached))
}

/** The seconds of a whole run. */
export function estimate(run: Run): number {
  return plan.reduce((sum, part) => sum + secondsOfPart(part, run), 0)
}

/** The runs that the documentation shows. */
const RUNS: [title: string, run: Run][] = [
  ['CI, 8 services', { services: 8, isWhole: false, hasCaches: true }],
  ['CI, 20 services', { services: 20, isWhole: false, hasCaches: true }],
  ['CI, 20 services, no caches', { services: 20, isWhole: false, hasCaches: false }],
  ['`make test-all`, 8 services', { services: 8, isWhole: true, hasCaches: true }]
]

/** The lines of the table in docs/testing.md. */
export function planTable(): string[] {
  const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
  return [
    row(['part', ...RUNS.map(([title]) => title)]),
    row(['---', ...RUNS.map(() => '---:')]),
    ...plan.map(part => row([part.name, ...RUNS.map(([, run]) => secondsOfPart(part, run))])),
    row(['all, in minutes', ...RUNS.map(([, run]) => Math.round(estimate(run) / 60))])
  ]
}
