import * as z from 'zod'

/** The default of `DRAIN_SECONDS`. Clients close idle connections earlier, see `ClientLimits`. */
export const DRAIN_SECONDS = 5

/** The default of `EVENT_LOG_CAP`. */
export const EVENT_LOG_CAP = 100_000

const port = z.coerce.number().int().min(0).max(65_535)

/** The variables of every process. Times are in seconds. */
export const processConfig = z.object({
  HOST: z.string().default('0.0.0.0'),
  PORT: port.default(8080),
  OPS_PORT: port.default(9090),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /**
   * How long a draining service still answers before it closes its listener. During this time, the cluster stops sending requests to it.
   */
  DRAIN_SECONDS: z.coerce.number().min(0).max(300).default(DRAIN_SECONDS),
  /** Maximum age of a connection. After it, clients connect again, so that new replicas get their share of the load. */
  CONNECTION_SECONDS: z.coerce.number().min(0).max(3600).default(60),
  /**
   * How long a connection may idle. It must be longer than the idle time-out of clients and proxies. Else one of them may send a request
   * just as this side closes the connection.
   */
  KEEP_ALIVE_SECONDS: z.coerce.number().min(1).max(86_400).default(75),
  /** Whether the management port answers requests from this machine for the log level and for profiles, see inspection.ts. */
  INSPECTION: z.preprocess(value => (value === '' ? undefined : value), z.stringbool().default(false)),
  /** The fault points at which the process is killed or stopped, for tests of faults. See fault-injection.ts. */
  KILL_AT: z.string().optional(),
  STOP_AT: z.string().optional()
})

/** The variables of every service with an API: how it listens, and which issuers' tokens it accepts. */
export const serviceConfig = processConfig.extend({
  PEOPLE_ISSUER: z.string().min(1),
  PEOPLE_JWKS: z.url(),
  SERVICES_ISSUER: z.string().min(1),
  SERVICES_JWKS: z.url(),
  SERVICES_NAMESPACE: z.string().min(1),
  /** Maximum number of entries in the service's own stream of the event log. */
  EVENT_LOG_CAP: z.coerce.number().int().min(10).default(EVENT_LOG_CAP)
})

export type ServiceConfig = z.infer<typeof serviceConfig>

export type ProcessConfig = z.infer<typeof processConfig>

/** Thrown if the environment is not valid. `problems` has a line for each invalid variable. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration'
  readonly problems: string[]

  constructor(problems: string[]) {
    super(`The configuration is not valid:\n${problems.map(problem => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** Returns a line for each issue that zod found, without the value. */
export const issueLines = ({ issues }: z.ZodError): string[] =>
  issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

/**
 * Reads a configuration by its schema. Throws `BadConfiguration` with all problems. The problems never show a value, because it may be a
 * secret.
 */
export function readConfig<S extends z.ZodType>(
  schema: S,
  environment: Record<string, string | undefined>
): z.infer<S> {
  const result = schema.safeParse(environment)
  if (result.success) return result.data
  throw new BadConfiguration(issueLines(result.error))
}
