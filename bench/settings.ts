import * as z from 'zod'

/** The settings of a measurement. Results are kept only with the defaults. Other values are for tests of the bench itself. */
const settings = z.object({
  /** The number of rounds of each side. */
  ROUNDS: z.coerce.number().int().min(1).max(100).default(5),
  /** How long a round sends load (seconds). */
  SECONDS: z.coerce.number().int().min(1).max(60).default(5),
  /** The number of rows of the imported file. */
  ROWS: z.coerce.number().int().min(100).max(1_000_000).default(100_000),
  /** How long a stack is idle before its memory is read (seconds). */
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
