import express, { type ErrorRequestHandler, type RequestHandler, type Response, type Router } from 'express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Caller } from './caller.ts'
import type { Clock } from './clock.ts'
import { type Context, continueTrace, deadlineOf, prefixOf, requestIdOf, traceIdOf } from './context.ts'
import { requestDurations, unknownInput } from './metrics.ts'
import { invalidInput, notFound, Problem } from './problem.ts'
import { contextOf } from './routes.ts'

/** What every app takes from the process it runs in. */
export type AppDeps = {
  log: Logger
  registry: Registry
  clock: Clock
  /** Reads the `Authorization` header; throws a 401 for a bad one. */
  verify: (authorization: string | undefined) => Caller | Promise<Caller>
}

type AppOptions = AppDeps & {
  /** The service's contract.json. */
  contract: object
  routers: Router[]
  /** What looks at each request before its token is read, such as a limit of rates. */
  before?: RequestHandler[]
  /** Turns an error of the service's store into the problem it means; any other error is returned as it is. */
  storeProblem: (error: unknown) => unknown
}

const MOST_MS = 10_000
const CONTRACT = '/.well-known/contract'

/** What is known of a request when it is over. */
type Locals = { operation?: string; context?: Context; unknownFields?: number }

/** A service's API: every middleware in order, then the service's routers, then one place for all errors. */
export function createApp(options: AppOptions) {
  const { log, registry, clock, verify, contract, routers, before = [], storeProblem } = options
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(observe(log, registry))
  app.get(CONTRACT, (_request, response) => void response.json(contract))
  app.use(addContext(log, clock))
  for (const look of before) app.use(look)
  app.use(addCaller(verify))
  for (const router of routers) app.use(router)
  app.use(() => {
    throw notFound('There is no such operation')
  })
  app.use(answerProblem(log, storeProblem))
  return app
}

/** One metric and one log line for each request, when its answer is out or its caller is gone. */
function observe(log: Logger, registry: Registry): RequestHandler {
  const durations = requestDurations(registry)
  const unknown = unknownInput(registry)
  // Its fields are these alone: looking for secrets among them took a quarter of the line's time.
  const lines = log.child({}, { redact: [] })
  return (request, response, next) => {
    const start = performance.now()
    response.once('close', () => {
      const { operation = 'none', context, unknownFields = 0 } = response.locals as Locals
      const seconds = (performance.now() - start) / 1000
      const status = response.writableFinished ? response.statusCode : 499
      durations.observe({ operation, status }, seconds)
      if (unknownFields > 0) unknown.inc({ operation }, unknownFields)
      const ids = context && { requestId: context.requestId, traceId: traceIdOf(context.traceparent) }
      const { method, path } = request
      const level = path === CONTRACT ? 'debug' : 'info'
      lines[level]({ ...ids, operation, method, path, status, ms: seconds * 1000 }, 'request')
    })
    next()
  }
}

function addContext(log: Logger, clock: Clock): RequestHandler {
  return (request, response, next) => {
    const traceparent = continueTrace(request.get('traceparent'))
    const requestId = requestIdOf(request.get('x-request-id'), traceparent)
    response.setHeader('X-Request-Id', requestId)
    // Whoever reaches a service directly; browsers get the API layer's headers.
    response.setHeader('X-Content-Type-Options', 'nosniff')
    const context: Omit<Context, 'log'> = {
      requestId,
      traceparent,
      deadline: deadlineOf(request.get('x-timeout-ms'), MOST_MS, clock.now().getTime()),
      caller: { kind: 'anonymous' }
    }
    response.locals.context = withLog(context, log)
    next()
  }
}

/** Adds the logger of a request, made when it is first used: most requests never do. */
function withLog(context: Omit<Context, 'log'>, log: Logger): Context {
  let own: Logger | undefined
  return {
    ...context,
    get log() {
      own ??= log.child({ requestId: context.requestId, traceId: traceIdOf(context.traceparent) })
      return own
    }
  }
}

function addCaller(verify: AppDeps['verify']): RequestHandler {
  return async (request, response, next) => {
    contextOf(response).caller = await verify(request.get('authorization'))
    next()
  }
}

function answerProblem(log: Logger, storeProblem: AppOptions['storeProblem']): ErrorRequestHandler {
  return (error, request, response, next) => {
    const problem = problemOf(storeProblem(error))
    const context = contextOf(response) as Context | undefined
    if (problem.status >= 500) logProblem(problem, context?.log ?? log)
    if (response.headersSent) return next(error)
    answer(response, problem, prefixOf(request.get('x-forwarded-prefix')) + request.path)
  }
}

/** What is away is expected, and may be so for each of many requests: one line, without a stack. */
function logProblem(problem: Problem, log: Logger) {
  const { status, message, detail, cause } = problem
  if (status !== 503 && status !== 504) return log.error({ err: cause ?? problem }, message)
  log.warn({ cause: cause instanceof Error ? cause.message : cause }, detail ?? message)
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { status, message } = error as { status?: number; message?: string }
  // Express and its body reader mark what the caller did wrong, such as a malformed path, with a status of its own.
  if (status !== undefined && status >= 400 && status < 500)
    return invalidInput([{ pointer: '', detail: String(message) }])
  return new Problem(500, 'internal', 'Something went wrong here', { cause: error })
}

function answer(response: Response, problem: Problem, path: string) {
  response.status(problem.status).set(problem.headers).type('application/problem+json')
  response.send(JSON.stringify(problem.toDocument(path)))
}
