import type { Registry } from 'prom-client'
import { type Dispatcher, Pool } from 'undici'
import type { AnswerOf, InputOf, Need, Needs } from '../contract/index.ts'
import {
  backoff,
  type Clock,
  type FaultPoint,
  noFault,
  notFound,
  pause,
  register,
  systemClock,
  unavailable,
  unlessAborted
} from '../core/index.ts'
import { traceAttempt } from './attempt-span.ts'
import { callDurations, clientMetricsOf, expectRetries } from './client-metrics.ts'
import {
  type ClientLimits,
  ConnectionFailed,
  defaultLimits,
  idleTimeouts,
  isRejection,
  isRetryableStatus,
  retryBudget,
  TimedOut
} from './client-policy.ts'
import { type Answer, type CallContext, exchange, type Input, readAnswer, requestOf } from './client-request.ts'
import { guard } from './guard.ts'

/** A function for each need, and `close`, which closes the connections after the running calls are answered. */
export type Client<Operations extends Record<string, Need>> = {
  [O in keyof Operations]: (input: InputOf<Operations[O]>, context: CallContext) => Promise<AnswerOf<Operations[O]>>
} & { close(): Promise<void> }

type ClientOptions = {
  /** The target's base URL. */
  url: string
  /** Returns the bearer token for a target. */
  token: (target: string) => Promise<string>
  registry: Registry
  clock?: Clock
  limits?: Partial<ClientLimits>
  /** Called before and after each attempt, with `<target>.<operation>`. */
  passFaultPoint?: FaultPoint
}

const IDEMPOTENT = new Set(['get', 'put', 'delete'])

/** Returns whether an operation changes nothing. */
const isRead = ({ method, isSafe = false }: Need) => method === 'get' || isSafe

/** Returns whether a request can be sent again if the target may already have received it (RFC 9110, section 9.2.2). */
const isRepeatable = (need: Need, { headers }: Dispatcher.RequestOptions) =>
  IDEMPOTENT.has(need.method) || isRead(need) || Object.hasOwn(headers as object, 'idempotency-key')

/**
 * Creates the client of one target. A call rejects with a 404 Problem if the target answers 404. It rejects with a 503 Problem if the
 * target is unavailable, too slow or answers a 5xx. It does the same if a circuit is open or the queue is full. It rejects with a plain
 * Error if this service or the contract is wrong: for any other status from 300 (the error has it as `status`), for an answer that breaks
 * the contract, and if the token can't be read.
 */
export function client<Operations extends Record<string, Need>>(
  { target, operations }: Needs<Operations>,
  { url, token, registry, clock = systemClock, limits: ownLimits, passFaultPoint = noFault }: ClientOptions
): Client<Operations> {
  const names = Object.values(operations).map(({ operation }) => operation)
  const operationShare = names.length > 1 ? defaultLimits.operationShare : 1
  const limits = { ...defaultLimits, operationShare, ...ownLimits }
  const base = new URL(url)
  const pool = new Pool(base.origin, { connections: limits.concurrency, pipelining: 1, ...idleTimeouts(limits.idle) })
  const closing = new AbortController()
  const metrics = clientMetricsOf(registry)
  const guarded = guard(target, limits, metrics)
  for (const name of names) guarded.prepare(name)
  const budget = retryBudget(limits.retryBudget)
  metrics.budgets.set(target, budget)
  expectRetries(registry, target, names)
  const durations = register(registry, callDurations, { target: [target], operation: names })
  const nameOf = ({ operation }: Need) => `${target}.${operation}`
  const timeUntil = (deadline: number) => deadline - clock.now().getTime()

  async function attempt(need: Need, request: Dispatcher.RequestOptions, context: CallContext): Promise<Answer> {
    const name = nameOf(need)
    const remaining = timeUntil(context.deadline)
    const milliseconds = Math.max(0, Math.min(limits.timeout, remaining))
    const timedOut = () => new TimedOut(milliseconds, remaining < limits.timeout)
    if (milliseconds === 0) throw timedOut()
    const controller = new AbortController()
    const { signal } = controller
    // `setImmediate` lets an answer be read first that arrived while this process was busy, because then the target was not too slow.
    const timer = setTimeout(() => setImmediate(() => controller.abort(timedOut())), milliseconds)
    try {
      const authorization = `Bearer ${await unlessAborted(token(target), signal)}`
      const answer = await guarded.run(need.operation, signal, () => {
        const untilDeadline = String(Math.max(1, Math.floor(timeUntil(context.deadline))))
        const { traceparent } = context
        const headers = { ...(request.headers as object), traceparent, authorization, 'x-timeout-ms': untilDeadline }
        passFaultPoint('before-call', name)
        return exchange(pool, { ...request, headers, signal }, limits.answerSize)
      })
      passFaultPoint('after-call', name)
      return answer
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Returns how long to wait before the next attempt, in milliseconds, or undefined if there must be none. After a time-out, a read is
   * tried once more if the deadline leaves enough time, because the new connection may lead to a replica that does not hang.
   */
  function pauseBeforeRetry(attempts: number, need: Need, canRepeat: boolean, outcome: unknown, deadline: number) {
    const isSlow = outcome instanceof TimedOut && isRead(need)
    const isAway = outcome instanceof ConnectionFailed || isRetryableStatus((outcome as Answer).status)
    if (!(isSlow || isAway) || !canRepeat || closing.signal.aborted) return
    const maxRetries = isSlow ? Math.min(1, limits.retries) : limits.retries
    if (attempts > maxRetries) return
    const wait = Math.max(backoff(attempts), secondsOf(outcome, clock.now().getTime()) * 1000)
    const neededTime = isSlow ? limits.timeout : 0
    return wait + neededTime < timeUntil(deadline) && budget.takeRetry() ? wait : undefined
  }

  async function attemptWithRetries(need: Need, request: Dispatcher.RequestOptions, context: CallContext) {
    budget.addCall()
    const canRepeat = isRepeatable(need, request)
    for (let attempts = 1; ; attempts++) {
      const traced = {
        name: nameOf(need),
        method: need.method,
        base: base.origin,
        path: request.path,
        resends: attempts - 1
      }
      const send = (traceparent: string) => attempt(need, request, { ...context, traceparent })
      const outcome: unknown = await traceAttempt(traced, context.traceparent, send).catch(error => error)
      const wait = pauseBeforeRetry(attempts, need, canRepeat, outcome, context.deadline)
      if (wait === undefined) return outcome
      metrics.retries.inc({ target, operation: need.operation })
      await pause(wait, closing.signal)
    }
  }

  /** Returns the outcome's name in metrics, and the value or the error for the caller. */
  function conclude(need: Need, outcome: unknown): { name: string; value?: unknown; error?: unknown } {
    const targetUnavailable = (seconds: number, cause: unknown) => unavailable(target, seconds, cause)
    if (isRejection(outcome)) {
      return { name: 'rejected', error: targetUnavailable(Math.ceil(limits.breaker.halfOpenAfter / 1000), outcome) }
    }
    if (outcome instanceof TimedOut) return { name: 'timeout', error: targetUnavailable(1, outcome) }
    if (outcome instanceof ConnectionFailed) return { name: 'unavailable', error: targetUnavailable(1, outcome) }
    if (outcome instanceof Error) return { name: 'error', error: outcome }
    const answer = outcome as Answer
    const operation = nameOf(need)
    if (answer.status === 404) return { name: 'not_found', error: notFound() }
    const statusError = () =>
      Object.assign(new Error(`${operation} answered ${answer.status}`), { status: answer.status })
    if (answer.status >= 500) {
      const seconds = Math.max(1, secondsOf(answer, clock.now().getTime()))
      return { name: 'unavailable', error: targetUnavailable(seconds, statusError()) }
    }
    if (answer.status >= 300) return { name: 'error', error: statusError() }
    try {
      return { name: 'ok', value: readAnswer(operation, need, answer.text) }
    } catch (error) {
      return { name: 'error', error }
    }
  }

  async function call(need: Need, input: Input, context: CallContext) {
    const request = requestOf(need, base.pathname.replace(/\/$/, ''), input, context)
    const end = durations.startTimer({ target, operation: need.operation })
    const { name, value, error } = conclude(need, await attemptWithRetries(need, request, context))
    end({ outcome: name })
    if (error !== undefined) throw error
    return value
  }

  const calls = Object.entries(operations).map(([name, need]) => [
    name,
    (input: Input, context: CallContext) => call(need, input, context)
  ])
  return {
    ...Object.fromEntries(calls),
    async close() {
      closing.abort()
      await pool.close()
    }
  }
}

/** Returns the seconds in an answer's `Retry-After`, which has a number or a date (RFC 9110, section 10.2.3); 0 without the header. */
function secondsOf(outcome: unknown, now: number) {
  const { retryAfter } = outcome as Partial<Answer>
  if (retryAfter === undefined) return 0
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now) / 1000
  return seconds > 0 ? Math.ceil(seconds) : 0
}
