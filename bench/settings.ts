import * as z from 'zod'

/** How much to measure. Results are kept only with the defaults; other values are for testing the bench itself. */
const settings = z.object({
  /** Rounds of each side. */
  ROUNDS: z.coerce.number().int().min(1).max(100).default(5),
  /** Seconds of load in a round. */
  SECONDS: z.coerce.number().int().min(1).max(60).default(5),
  /** Rows of the imported file. */
  ROWS: z.coerce.number().int().min(100).max(1_000_000).default(100_000),
  /** Seconds that a stack rests before its memory is read. */
  REST: z.coerce.number().int().min(0).max(600).default(30),
  /** The first of the 300 ports that measured services use. The bench deletes the data of a stack with this PORT_BASE. */
  BENCH_PORT_BASE: z.coerce.number().int().min(1_024).max(65_000).default(14_000)
})

export type Settings = z.infer<typeof settings>

/** Reads the settings from the environment. `isUsual` is true for the defaults, whose results are kept. */
export function readSettings(environment: Record<string, string | undefined>) {
  const given = settings.parse(environment)
  const { BENCH_PORT_BASE: _, ...usual } = settings.parse({})
  const isUsual = Object.entries(usual).every(([name, value]) => given[name as keyof Settings] === value)
  return { settings: given, isUsual }
}
