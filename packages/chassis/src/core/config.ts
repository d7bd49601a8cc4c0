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

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio'
] as const

/** A variable of OpenTelemetry. An empty value counts as unset (OpenTelemetry's specification of variables). */
const openTelemetry = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(value => (value === '' ? undefined : value), schema)

/** OpenTelemetry's variables, with their standard names. Only the endpoint turns tracing on. */
const tracingConfig = {
  /** The base URL of a receiver of OTLP over HTTP, such as a collector's `http://otel-collector:4318`. Without it, nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: openTelemetry(z.url({ protocol: /^https?$/ }).optional()),
  /** Headers for the receiver, `name=value` with commas between them. They may be secret. */
  OTEL_EXPORTER_OTLP_HEADERS: openTelemetry(z.string().default('').transform(headersOf)),
  OTEL_TRACES_SAMPLER: openTelemetry(z.enum(SAMPLERS).default('parentbased_traceidratio')),
  /** The part of the new traces that are sampled, from 0 to 1. */
  OTEL_TRACES_SAMPLER_ARG: openTelemetry(z.coerce.number().min(0).max(1).default(0.1)),
  OTEL_SDK_DISABLED: openTelemetry(z.stringbool().default(false))
}

/** Parses OTEL_EXPORTER_OTLP_HEADERS: `name=value,...`, with percent-encoded values. */
function headersOf(text: string, { addIssue }: z.RefinementCtx<string>): Record<string, string> {
  const pairs = text.split(',').filter(pair => pair.trim() !== '')
  const headers = pairs.map(pair => HEADER.exec(pair) ?? [])
  if (headers.some(([whole]) => whole === undefined)) {
    addIssue({ code: 'custom', message: 'must be name=value, with commas between the headers' })
    return {}
  }
  return Object.fromEntries(headers.map(([, name, value]) => [name, decodeURIComponent(value!)]))
}

/** A header with a value of ASCII characters, some of which may be percent-encoded. */
const HEADER = /^\s*([\w-]+)\s*=\s*((?:[\x21-\x24\x26-\x7e]|%[0-7][\da-f])+)\s*$/i

/** The variables of every service with an API: how it listens, and which issuers' tokens it accepts. */
export const serviceConfig = processConfig.extend({
  PEOPLE_ISSUER: z.string().min(1),
  PEOPLE_JWKS: z.url(),
  SERVICES_ISSUER: z.string().min(1),
  SERVICES_JWKS: z.url(),
  SERVICES_NAMESPACE: z.string().min(1),
  /** Maximum number of entries in the service's own stream of the event log. */
  EVENT_LOG_CAP: z.coerce.number().int().min(10).default(EVENT_LOG_CAP),
  ...tracingConfig
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
