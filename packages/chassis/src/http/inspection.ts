import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { getHeapSnapshot } from 'node:v8'
import type { Level, Logger } from 'pino'
import * as z from 'zod'
import { pause } from '../core/index.ts'

/** Maximum time (s) for which a log level may be changed. */
const MAX_LEVEL_SECONDS = 3_600
/** Maximum time (s) of a CPU profile. */
const MAX_PROFILE_SECONDS = 60

const levelQuery = z.object({
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  seconds: z.coerce.number().int().min(1).max(MAX_LEVEL_SECONDS)
})
const profileQuery = z.object({ seconds: z.coerce.number().int().min(1).max(MAX_PROFILE_SECONDS).default(10) })

type Options = {
  /** False to refuse every request. */
  isOn: boolean
  log: Logger
}

/** Answers a request for an inspection of the process. Returns undefined if the path is not one of an inspection. */
export type Inspection = (request: IncomingMessage, response: ServerResponse) => Promise<unknown> | undefined

type Handler = (query: URLSearchParams, response: ServerResponse) => unknown

/** A refusal of an inspection, with its HTTP status. */
class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Creates the inspections of a process, for its management port:
 *
 * - `GET /log-level` answers the level of the log, and when it returns to the configured level.
 * - `PUT /log-level?level=debug&seconds=600` changes the level for that time, for an hour at most.
 * - `POST /profiles/cpu?seconds=10` answers with a CPU profile (`.cpuprofile`), of a minute at most.
 * - `POST /profiles/heap` answers with a heap snapshot (`.heapsnapshot`). It has all data in memory, also secrets, and the process stands
 *   still while it is taken.
 *
 * One profile is taken at a time. Only this machine may ask: in a cluster, a person with the right to forward a port of the pod. So no
 * other pod can, whatever the network policies allow, and no web page can.
 */
export function inspection({ isOn, log }: Options): Inspection {
  const logLevel = changingLevel(log)
  let isProfiling = false

  const handlers: Record<string, Handler> = {
    'GET /log-level': (_query, response) => answerJson(response, logLevel.current()),
    'PUT /log-level': (query, response) => {
      const { level, seconds } = parse(levelQuery, query)
      logLevel.change(level, seconds)
      answerJson(response, logLevel.current())
    },
    'POST /profiles/cpu': (query, response) =>
      oneAtATime(() => sendCpuProfile(parse(profileQuery, query).seconds, response)),
    'POST /profiles/heap': (_query, response) => oneAtATime(() => sendHeapSnapshot(response))
  }
  const paths = new Set(Object.keys(handlers).map(place => place.split(' ')[1]))

  async function oneAtATime(take: () => Promise<void>) {
    if (isProfiling) throw new Refusal(409, 'Another profile is being taken. Try again when it is finished')
    isProfiling = true
    try {
      await take()
    } finally {
      isProfiling = false
    }
  }

  async function sendHeapSnapshot(response: ServerResponse) {
    log.warn('A heap snapshot is taken. It has all data in memory, also secrets')
    const snapshot = getHeapSnapshot()
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Disposition': attachment('heapsnapshot') })
    await pipeline(snapshot, response)
  }

  async function answer(path: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse) {
    try {
      requireThisMachine(request)
      if (!isOn) throw new Refusal(403, 'Inspection is off. Set INSPECTION=1 and restart the service')
      const handler = handlers[`${request.method} ${path}`]
      if (!handler) throw new Refusal(405, `${path} does not know the method ${request.method}`)
      await handler(query, response)
    } catch (error) {
      refuse(error, response)
    }
  }

  function refuse(error: unknown, response: ServerResponse) {
    const status = error instanceof Refusal ? error.status : 500
    if (status === 500) log.warn({ err: error }, 'An inspection failed')
    if (response.headersSent) response.destroy()
    else response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${(error as Error).message}\n`)
  }

  return (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    return paths.has(path) ? answer(path, new URLSearchParams(query), request, response) : undefined
  }
}

/** The level of a log, and when it returns to the configured level (RFC 3339; null if it has that level). */
type LogLevel = { level: string; configured: string; until: string | null }

/** Changes the level of a log for a time. */
function changingLevel(log: Logger) {
  const configured = log.level
  let until: Date | null = null
  let timer: NodeJS.Timeout | undefined

  function restore() {
    log.level = configured
    until = null
    log.info({ logLevel: configured }, 'The log has its configured level again')
  }
  return {
    current: (): LogLevel => ({ level: log.level, configured, until: until?.toISOString() ?? null }),
    change(level: Level | 'silent', seconds: number) {
      clearTimeout(timer)
      until = new Date(Date.now() + seconds * 1_000)
      timer = setTimeout(restore, seconds * 1_000).unref()
      log.info({ logLevel: level, seconds }, 'The level of the log changes')
      log.level = level
    }
  }
}

/** Profiles the process for some seconds, or until the caller is gone, and sends the profile. */
async function sendCpuProfile(seconds: number, response: ServerResponse) {
  const { Session } = await import('node:inspector') // needs memory that a process without profiles keeps free
  const session = new Session()
  session.connect()
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    const post = promisify<string, unknown>(session.post.bind(session))
    await post('Profiler.enable')
    await post('Profiler.start')
    await pause(seconds * 1_000, gone.signal)
    const { profile } = (await post('Profiler.stop')) as { profile: object }
    if (gone.signal.aborted) return
    response.setHeader('Content-Disposition', attachment('cpuprofile'))
    answerJson(response, profile)
  } finally {
    session.disconnect()
  }
}

/** Refuses callers from elsewhere. A web page has an `Origin`, or the name of its own server as `Host`. */
function requireThisMachine({ socket, headers }: IncomingMessage) {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
  // Not all of 127.0.0.0/8: a sidecar proxy passes on requests of other pods from such an address (Istio: 127.0.0.6).
  const isNear = address === '127.0.0.1' || address === '::1'
  const isForThisHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(headers.host ?? '')
  if (isNear && isForThisHost && headers.origin === undefined) return
  throw new Refusal(
    403,
    'Only this machine may inspect the process. In a cluster, forward the port: kubectl port-forward'
  )
}

function parse<Schema extends z.ZodType>(schema: Schema, query: URLSearchParams): z.infer<Schema> {
  const { data, error } = schema.safeParse(Object.fromEntries(query))
  if (error) throw new Refusal(400, error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  return data as z.infer<Schema>
}

const answerJson = (response: ServerResponse, value: unknown) =>
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))

const attachment = (extension: string) => `attachment; filename="profile.${extension}"`
