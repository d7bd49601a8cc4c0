/** A part of `.ci/run`, and how long it takes on two idle cores. */
export type PlannedPart = {
  name: string
  /** Seconds that do not depend on the number of services. */
  fixed: number
  /** Additional seconds for each service, on top of `fixed`. */
  perService: number
  /** Additional seconds if the caches are empty, for builds and downloads of the part. */
  uncached?: number
  /** Set only for a suite of which CI runs a sample. */
  sampled?: {
    /** Maximum number of seconds that a sample takes, including the pieces for changed services. */
    most: number
    /** Returns the additional seconds of the whole suite for a number of services, on top of `fixed` and `perService`. */
    whole: (services: number) => number
  }
}

/** The parts in the order in which they run. docs/testing.md shows them, and says which numbers were measured. */
export const plan: PlannedPart[] = [
  { name: 'helm', fixed: 0, perService: 0, uncached: 283 },
  { name: 'make test', fixed: 140, perService: 20, uncached: 120 },
  { name: 'make verify', fixed: 11, perService: 2 },
  { name: 'make up, make smoke, make tour, make down', fixed: 20, perService: 2.5 },
  { name: 'make test-dashboards', fixed: 40, perService: 2.5 },
  { name: 'make test-operations', fixed: 100, perService: 5 },
  {
    name: 'make fuzz',
    fixed: 35,
    perService: 2,
    uncached: 30,
    sampled: { most: 270, whole: services => 40 * services }
  },
  { name: 'make faults', fixed: 50, perService: 0, sampled: { most: 400, whole: () => 960 } },
  { name: 'make drills', fixed: 0, perService: 0, sampled: { most: 0, whole: () => 1_420 } },
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
  /** True if complete suites run, as with `make test-all`. */
  isWhole: boolean
  hasCaches: boolean
}

export function secondsOfPart({ fixed, perService, uncached = 0, sampled }: PlannedPart, run: Run): number {
  const whole = sampled?.whole(run.services) ?? 0
  const long = run.isWhole ? whole : Math.min(whole, sampled?.most ?? 0)
  return Math.round(fixed + perService * run.services + long + (run.hasCaches ? 0 : uncached))
}

/** Returns the estimated seconds of a run. */
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

/** Returns the lines of the table in docs/testing.md. */
export function planTable(): string[] {
  const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
  return [
    row(['part', ...RUNS.map(([title]) => title)]),
    row(['---', ...RUNS.map(() => '---:')]),
    ...plan.map(part => row([part.name, ...RUNS.map(([, run]) => secondsOfPart(part, run))])),
    row(['all, in minutes', ...RUNS.map(([, run]) => Math.round(estimate(run) / 60))])
  ]
}
