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
  systemClock,
  unavailable,
  unlessAborted
} from '../core/index.ts'
import { clientMetricsOf } from './client-metrics.ts'
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
import { type Answer, type CallContext, exchange, type Input, read, requestOf } from './client-request.ts'
import { guard } from './guard.ts'

/** One function for each need, and `close`, which ends the connections once what is under way is answered. */
export type Client<Operations extends Record<string, Need>> = {
  [O in keyof Operations]: (input: InputOf<Operations[O]>, context: CallContext) => Promise<AnswerOf<Operations[O]>>
} & { close(): Promise<void> }

type ClientOptions = {
  /** The target's base URL. */
  url: string
  /** The bearer token for a target. */
  token: (target: string) => Promise<string>
  registry: Registry
  clock?: Clock
  limits?: Partial<ClientLimits>
  /** Passed before and after each attempt, with `<target>.<operation>`. */
  passFaultPoint?: FaultPoint
}

const IDEMPOTENT = new Set(['get', 'put', 'delete'])

/** Whether an operation changes nothing. */
const isRead = ({ method, isSafe = false }: Need) => method === 'get' || isSafe

/** Whether a request that may have come through can be sent again (RFC 9110, section 9.2.2). */
const isRepeatable = (need: Need, { headers }: Dispatcher.RequestOptions) =>
  IDEMPOTENT.has(need.method) || isRead(need) || Object.hasOwn(headers as object, 'idempotency-key')

/**
 * The client of one target. A call rejects with the 404 Problem for a 404; with the 503 Problem when the target is away, too
 * slow, or answers a 5xx, or when its circuit is open or the queue full; and with a plain Error for what is a fault of ours or
 * of the contract: another status (the error's `status`), an answer that breaks what the need reads, a token that fails.
 */
export function client<Operations extends Record<string, Need>>(
  { target, operations }: Needs<Operations>,
  { url, token, registry, clock = systemClock, limits: given, passFaultPoint = noFault }: ClientOptions
): Client<Operations> {
  const names = Object.values(operations).map(({ operation }) => operation)
  const operationShare = names.length > 1 ? defaultLimits.operationShare : 1
  const limits = { ...defaultLimits, operationShare, ...given }
  const base = new URL(url)
  const pool = new Pool(base.origin, { connections: limits.concurrency, pipelining: 1, ...idleTimeouts(limits.idle) })
  const closing = new AbortController()
  const metrics = clientMetricsOf(registry)
  const guarded = guard(target, limits, metrics)
  for (const name of names) guarded.prepare(name)
  const budget = retryBudget(limits.retryBudget)
  const nameOf = ({ operation }: Need) => `${target}.${operation}`
  const left = (deadline: number) => deadline - clock.now().getTime()

  async function attempt(need: Need, request: Dispatcher.RequestOptions, context: CallContext): Promise<Answer> {
    const what = nameOf(need)
    const remaining = left(context.deadline)
    const milliseconds = Math.max(0, Math.min(limits.timeout, remaining))
    const timedOut = () => new TimedOut(milliseconds, remaining < limits.timeout)
    if (milliseconds === 0) throw timedOut()
    const controller = new AbortController()
    const { signal } = controller
    // An answer that came in while this process was busy is read first: it is not the target that was too slow.
    const timer = setTimeout(() => setImmediate(() => controller.abort(timedOut())), milliseconds)
    try {
      const authorization = `Bearer ${await unlessAborted(token(target), signal)}`
      const answer = await guarded.run(need.operation, signal, () => {
        const untilDeadline = String(Math.max(1, Math.floor(left(context.deadline))))
        const headers = { ...(request.headers as object), authorization, 'x-timeout-ms': untilDeadline }
        passFaultPoint('before-call', what)
        return exchange(pool, { ...request, headers, signal }, limits.answerSize)
      })
      passFaultPoint('after-call', what)
      return answer
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * How long to wait before the next attempt, in milliseconds, or undefined where there must be none. What reads is tried once more after a
   * time-out, where the deadline leaves it as long again: the connection is a new one, and may lead to a replica that doesn't hang.
   */
  function retryIn(number: number, need: Need, repeatable: boolean, outcome: unknown, deadline: number) {
    const slow = outcome instanceof TimedOut && isRead(need)
    const away = outcome instanceof ConnectionFailed || isRetryableStatus((outcome as Answer).status)
    if (!(slow || away) || !repeatable || closing.signal.aborted) return
    const [most, needed] = slow ? [Math.min(1, limits.retries), limits.timeout] : [limits.retries, 0]
    if (number > most) return
    const wait = Math.max(backoff(number), secondsOf(outcome, clock.now().getTime()) * 1000)
    return wait + needed < left(deadline) && budget.takeRetry() ? wait : undefined
  }

  async function attempts(need: Need, request: Dispatcher.RequestOptions, context: CallContext) {
    budget.addCall()
    const repeatable = isRepeatable(need, request)
    for (let number = 1; ; number++) {
      const outcome: unknown = await attempt(need, request, context).catch(error => error)
      const wait = retryIn(number, need, repeatable, outcome, context.deadline)
      if (wait === undefined) return outcome
      metrics.retries.inc({ target, operation: need.operation })
      await pause(wait, closing.signal)
    }
  }

  /** The outcome's name in metrics, and what the caller gets: a value or an error. */
  function conclude(need: Need, outcome: unknown): { name: string; value?: unknown; error?: unknown } {
    const away = (seconds: number, cause: unknown) => unavailable(target, seconds, cause)
    if (isRejection(outcome)) {
      return { name: 'rejected', error: away(Math.ceil(limits.breaker.halfOpenAfter / 1000), outcome) }
    }
    if (outcome instanceof TimedOut) return { name: 'timeout', error: away(1, outcome) }
    if (outcome instanceof ConnectionFailed) return { name: 'unavailable', error: away(1, outcome) }
    if (outcome instanceof Error) return { name: 'error', error: outcome }
    const answer = outcome as Answer
    const what = nameOf(need)
    if (answer.status === 404) return { name: 'not_found', error: notFound() }
    const refused = () => Object.assign(new Error(`${what} answered ${answer.status}`), { status: answer.status })
    if (answer.status >= 500) {
      return { name: 'unavailable', error: away(Math.max(1, secondsOf(answer, clock.now().getTime())), refused()) }
    }
    if (answer.status >= 300) return { name: 'error', error: refused() }
    try {
      return { name: 'ok', value: read(what, need, answer.text) }
    } catch (error) {
      return { name: 'error', error }
    }
  }

  async function call(need: Need, input: Input, context: CallContext) {
    const request = requestOf(need, base.pathname.replace(/\/$/, ''), input, context)
    const end = metrics.durations.startTimer({ target, operation: need.operation })
    const { name, value, error } = conclude(need, await attempts(need, request, context))
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

/** The seconds an answer's Retry-After asks for, given as such or as a date (RFC 9110, section 10.2.3); 0 without. */
function secondsOf(outcome: unknown, now: number) {
  const { retryAfter } = outcome as Partial<Answer>
  if (retryAfter === undefined) return 0
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now) / 1000
  return seconds > 0 ? Math.ceil(seconds) : 0
}
