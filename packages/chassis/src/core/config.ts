import * as z from 'zod'

/** The default of `DRAIN_SECONDS`. Callers keep idle connections for less, see `ClientLimits`. */
export const DRAIN_SECONDS = 5

/** The default of the setting of that name. */
export const EVENT_LOG_CAP = 100_000

const port = z.coerce.number().int().min(0).max(65_535)

/** What every service reads from its environment. Times in seconds. */
export const processConfig = z.object({
  HOST: z.string().default('0.0.0.0'),
  PORT: port.default(8080),
  OPS_PORT: port.default(9090),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** How long a draining service goes on serving before it closes its listener, so that the cluster stops sending to it. */
  DRAIN_SECONDS: z.coerce.number().min(0).max(300).default(DRAIN_SECONDS),
  /** How long a connection is kept at most, so that new replicas get their part of the load. */
  CONNECTION_SECONDS: z.coerce.number().min(0).max(3600).default(60),
  /** How long a connection may idle. Longer than whoever keeps connections to it lets them, or that one sends a request as this closes it. */
  KEEP_ALIVE_SECONDS: z.coerce.number().min(1).max(86_400).default(75),
  /** For tests of faults: where the process is to be killed, and where to stop in its tracks, see fault-points.ts. */
  KILL_AT: z.string().optional(),
  STOP_AT: z.string().optional()
})

/** What every service with an API reads: how to listen, and whose tokens it takes. */
export const serviceConfig = processConfig.extend({
  PEOPLE_ISSUER: z.string().min(1),
  PEOPLE_JWKS: z.url(),
  SERVICES_ISSUER: z.string().min(1),
  SERVICES_JWKS: z.url(),
  SERVICES_NAMESPACE: z.string().min(1),
  /** Entries of the service's own stream in the event log at most. */
  EVENT_LOG_CAP: z.coerce.number().int().min(10).default(EVENT_LOG_CAP)
})

export type ServiceConfig = z.infer<typeof serviceConfig>

export type ProcessConfig = z.infer<typeof processConfig>

/** A configuration that can't be used. `problems` has a line for each variable that is wrong. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration'
  readonly problems: string[]

  constructor(problems: string[]) {
    super(`The configuration is not valid:\n${problems.map(problem => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** A line for each thing that is wrong, without the value. */
export const issueLines = ({ issues }: z.ZodError): string[] =>
  issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

/** Reads a configuration by its schema. Throws `BadConfiguration` that lists every problem, not the first one only. Never shows a value: it may be a secret. */
export function readConfig<S extends z.ZodType>(
  schema: S,
  environment: Record<string, string | undefined>
): z.infer<S> {
  const result = schema.safeParse(environment)
  if (result.success) return result.data
  throw new BadConfiguration(issueLines(result.error))
}
