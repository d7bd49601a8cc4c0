import { createHash } from 'node:crypto'
import express, { type ErrorRequestHandler, type RequestHandler, type Response, type Router } from 'express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import {
  ANONYMOUS,
  type Caller,
  type Clock,
  type Context,
  claimedIds,
  deadlineOf,
  invalidInput,
  notFound,
  Problem,
  prefixOf,
  requestIdOf,
  traceIdOf,
  withSpan
} from '../core/index.ts'
import { observeRequests } from './request-log.ts'
import { startRequestSpan } from './request-span.ts'
import { contextOf } from './routes.ts'
import { strictHttp } from './strict-http.ts'

/** The parts that every app gets from its process. */
export type AppDeps = {
  log: Logger
  registry: Registry
  clock: Clock
  /** Returns the caller from the `Authorization` header. Throws a 401 for an invalid header. */
  verify: (authorization: string | undefined) => Caller | Promise<Caller>
}

type AppOptions = AppDeps & {
  /** The contract of the service, which the app serves at `/.well-known/contract`. */
  contract: object
  routers: Router[]
  /** Middleware that runs before the request's token is read, such as a rate limit. */
  before?: RequestHandler[] | undefined
  /**
   * True if clients reach the service directly. Then each request gets a new trace and a new request ID. So no client can join or flood the
   * trace of another client (W3C Trace Context, section 3.4). The IDs that a client sends are only logged.
   */
  isEdge?: boolean | undefined
  /** Converts an error of the service's store to a problem. Returns any other error unchanged. */
  storeProblem: (error: unknown) => unknown
}

const MOST_MS = 10_000
const CONTRACT = '/.well-known/contract'

/** Creates the app of a service's API: all middleware in order, then the service's routers, then one handler for all errors. */
export function createApp(options: AppOptions) {
  const { log, registry, clock, verify, contract, routers, before = [], isEdge = false, storeProblem } = options
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('query parser', 'simple')
  app.use(observeRequests(log, registry, CONTRACT))
  app.get(CONTRACT, answerContract(contract))
  app.use(addContext(log, clock, isEdge), ...before, strictHttp, addCaller(verify))
  for (const router of routers) app.use(router)
  app.use(() => {
    throw notFound('There is no such operation')
  })
  app.use(answerProblem(log, storeProblem))
  return app
}

/** Returns the handler that serves the contract. Express answers 304 to a gateway that already has the contract. */
function answerContract(contract: object): RequestHandler {
  const text = JSON.stringify(contract)
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`
  return (_request, response) => {
    response.set('ETag', etag).type('json').send(text)
  }
}

function addContext(log: Logger, clock: Clock, isEdge: boolean): RequestHandler {
  return (request, response, next) => {
    const given = { requestId: request.get('x-request-id'), traceparent: request.get('traceparent') }
    const { traceparent, span } = startRequestSpan(request, response, isEdge ? undefined : given.traceparent)
    const requestId = requestIdOf(isEdge ? undefined : given.requestId, traceparent)
    if (isEdge) response.locals.claimed = claimedIds(given.requestId, given.traceparent)
    response.setHeader('X-Request-Id', requestId)
    // This header is for clients that reach a service directly. Browsers get the headers of the API layer.
    response.setHeader('X-Content-Type-Options', 'nosniff')
    const deadline = deadlineOf(request.get('x-timeout-ms'), MOST_MS, clock.now().getTime())
    const context: Context = {
      requestId,
      traceparent,
      deadline,
      log: log.child({ requestId, traceId: traceIdOf(traceparent) }),
      caller: ANONYMOUS
    }
    response.locals.context = context
    withSpan(span, next)
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

/**
 * Logs a problem. A 503 or 504 gets one line without a stack: unavailable dependencies are expected, and may cause such a line for each
 * request.
 */
function logProblem(problem: Problem, log: Logger) {
  const { status, message, detail, cause } = problem
  if (status !== 503 && status !== 504) return log.error({ err: cause ?? problem }, message)
  log.warn({ cause: cause instanceof Error ? cause.message : cause }, detail ?? message)
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { status, message } = error as { status?: number; message?: string }
  // Express and its body reader give an error a 4xx status if the caller caused it, such as by a malformed path.
  if (status !== undefined && status >= 400 && status < 500)
    return invalidInput([{ pointer: '', detail: String(message) }])
  return new Problem(500, 'internal', 'Something went wrong here', { cause: error })
}

function answer(response: Response, problem: Problem, path: string) {
  response.status(problem.status).set(problem.headers).type('application/problem+json')
  response.send(JSON.stringify(problem.toDocument(path)))
}
