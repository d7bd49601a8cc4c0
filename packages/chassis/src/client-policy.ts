import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IBreaker,
  SamplingBreaker
} from 'cockatiel'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { DRAIN_SECONDS } from './config.ts'
import { unlessAborted } from './pacing.ts'

/** What calls of one target may take. Times in milliseconds. */
export type ClientLimits = {
  /** For one attempt, with its wait in the queue. */
  timeout: number
  /** Attempts under way at once, and so connections. */
  concurrency: number
  /** Attempts that may wait for one of those. */
  queue: number
  /**
   * For a connection that nothing uses. Less than a target drains, in which time it ends those that are used: else it closes an idle one
   * just as a request is sent, and one that can't be repeated fails.
   */
  idle: number
  /** Bytes of an answer's body. */
  answerSize: number
  /** Attempts after the first. */
  retries: number
  /** Retries that each call allows, and how many may be saved up. */
  retryBudget: { ratio: number; most: number }
  /**
   * Opens when more than `threshold` of the attempts of `duration` failed, of `minimumRps` a second at least, and when as many in a
   * row failed as those make, however long that took.
   */
  breaker: { threshold: number; duration: number; minimumRps: number; halfOpenAfter: number }
}

export const defaultLimits: ClientLimits = {
  timeout: 1_000,
  concurrency: 50,
  queue: 100,
  idle: (DRAIN_SECONDS - 1) * 1_000,
  answerSize: 1024 * 1024,
  retries: 2,
  retryBudget: { ratio: 0.1, most: 10 },
  breaker: { threshold: 0.5, duration: 10_000, minimumRps: 1, halfOpenAfter: 2_000 }
}

/** Options of an undici pool by which it closes connections that idled for so long, in milliseconds, whatever the target's Keep-Alive says. */
export const idleFor = (idle: number) => ({ keepAliveTimeout: idle, keepAliveMaxTimeout: idle })

/** No answer within the time-out. `cutShort` where the caller's deadline left less than the target is usually given. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut'
  readonly cutShort: boolean

  constructor(milliseconds: number, cutShort: boolean) {
    super(`No answer within ${milliseconds} ms`)
    this.cutShort = cutShort
  }
}

/** The target can't be reached, or broke off. */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed'
}

/** Statuses that say the target, or one behind it, is away: they count for the circuit and may be tried again. */
export const saysAway = (status: number) => status === 502 || status === 503 || status === 504

/** Whether `error` is one of a full queue or an open circuit: nothing was sent. */
export const isRejection = (error: unknown) =>
  error instanceof BrokenCircuitError || error instanceof BulkheadRejectedError

/** Retries as a part of the calls, so that they can't multiply the load on a target that is down. A token bucket. */
export function retryBudget({ ratio, most }: ClientLimits['retryBudget']) {
  let tokens = most
  return {
    called() {
      tokens = Math.min(most, tokens + ratio)
    },
    /** Takes a retry out of the budget, or returns false where there is none left. */
    take() {
      if (tokens < 1) return false
      tokens--
      return true
    }
  }
}

/**
 * Concurrency limit and circuit breaker of one target, for one attempt after the other. Rejects as `attempt` does, or for a
 * full queue or an open circuit (see `isRejection`). An answer that is still coming in has `whole`, which rejects when it breaks
 * off: its place is free from its begin on, and the circuit counts it at its end.
 */
export function guard(target: string, { breaker, concurrency, queue }: ClientLimits, metrics: ClientMetrics) {
  const limit = bulkhead(concurrency, queue)
  // A caller that is in a hurry says nothing about the target, or short deadlines could open the circuit for everyone. It
  // doesn't close an open one either.
  const failed = (error: unknown): boolean =>
    error instanceof ConnectionFailed ||
    (error instanceof TimedOut && (!error.cutShort || circuit.state === CircuitState.HalfOpen))
  const circuit = circuitBreaker(
    handleWhen(failed).orWhenResult(answer => saysAway((answer as { status: number }).status)),
    { halfOpenAfter: breaker.halfOpenAfter, breaker: breakerOf(breaker) }
  )
  metrics.circuitOpen.set({ target }, 0)
  metrics.queueLength.set({ target }, 0)
  circuit.onStateChange(state => metrics.circuitOpen.set({ target }, state === CircuitState.Closed ? 0 : 1))

  return async <T extends Attempted>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> => {
    let waiting = true
    const leaveQueue = () => {
      if (waiting) metrics.queueLength.dec({ target })
      waiting = false
    }
    metrics.queueLength.inc({ target })
    const passed = () => {
      signal.throwIfAborted()
      return attempt()
    }
    // The bulkhead isn't given the signal: it would drop an aborted call without starting the next one in its queue.
    const work = limit.execute(() => {
      leaveQueue()
      signal.throwIfAborted()
      return begun(circuit, passed)
    })
    return unlessAborted(work.finally(leaveQueue), signal)
  }
}

type Attempted = { status: number; whole?: Promise<void> }

/** Resolves when an answer begins, while the circuit waits for the whole of it. */
const begun = <T extends Attempted>(circuit: CircuitBreakerPolicy, attempt: () => Promise<T>) =>
  new Promise<T>((resolve, reject) => {
    const toItsEnd = async () => {
      const answer = await attempt()
      resolve(answer)
      await answer.whole
      return answer
    }
    circuit.execute(toItsEnd).catch(reject)
  })

/** Sampling alone never opens for a target that is asked less than `minimumRps`, where each caller would wait for a time-out. */
function breakerOf(limits: ClientLimits['breaker']): IBreaker {
  const breakers = [
    new SamplingBreaker(limits),
    new ConsecutiveBreaker(Math.ceil((limits.minimumRps * limits.duration) / 1000))
  ]
  return {
    state: undefined,
    success: state => breakers.forEach(breaker => void breaker.success(state)),
    failure: state => breakers.map(breaker => breaker.failure(state)).includes(true)
  }
}

export type ClientMetrics = ReturnType<typeof clientMetrics>

const metricsOf = new WeakMap<Registry, ClientMetrics>()

/** The metrics of all clients of a registry, by target: the clients of several targets share them. */
export function clientMetricsOf(registry: Registry): ClientMetrics {
  const metrics = metricsOf.get(registry) ?? clientMetrics(registry)
  metricsOf.set(registry, metrics)
  return metrics
}

function clientMetrics(registry: Registry) {
  const registers = [registry]
  return {
    durations: new Histogram({
      name: 'bulkhead_client_request_duration_seconds',
      help: 'Time of a call with its retries, by outcome: ok, not_found, rejected (not sent), timeout, unavailable, error',
      labelNames: ['target', 'operation', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers
    }),
    retries: new Counter({
      name: 'bulkhead_client_retries_total',
      help: 'Attempts after the first of a call',
      labelNames: ['target', 'operation'],
      registers
    }),
    circuitOpen: new Gauge({
      name: 'bulkhead_client_circuit_open',
      help: '1 while the circuit is open or being tried, else 0',
      labelNames: ['target'],
      registers
    }),
    queueLength: new Gauge({
      name: 'bulkhead_client_queue_length',
      help: 'Attempts that wait for the concurrency limit',
      labelNames: ['target'],
      registers
    })
  }
}
