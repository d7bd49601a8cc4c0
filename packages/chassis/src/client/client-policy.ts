import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel'
import { errors } from 'undici'
import { DRAIN_SECONDS } from '../core/index.ts'
import type { CircuitLimits } from './circuit.ts'

/** The limits of calls to one target. Times are in milliseconds. */
export type ClientLimits = {
  /** The time-out of one attempt, including its wait in the queue. */
  timeout: number
  /** Maximum number of attempts at once, and so of connections. */
  concurrency: number
  /** Maximum number of attempts that wait for a place among them. */
  queue: number
  /** Maximum number of answers whose bodies are still arriving, in addition to `concurrency` attempts. Each has its own connection. */
  openAnswers: number
  /** The fraction of `concurrency` and of `queue` that one operation may use, so that a slow operation leaves room for others. */
  operationShare: number
  /**
   * How long a connection may idle. It must be shorter than the time for which the target drains. Else the target may close an idle
   * connection just as a request is sent on it, and a request that can't be repeated fails.
   */
  idle: number
  /** Maximum size of an answer's body, in bytes. */
  answerSize: number
  /** Maximum number of attempts after the first one. */
  retries: number
  /** `ratio` is the number of retries that each call adds to the budget, `max` the maximum number of retries in it. */
  retryBudget: { ratio: number; max: number }
  breaker: CircuitLimits
}

export const defaultLimits: ClientLimits = {
  timeout: 1_000,
  concurrency: 50,
  queue: 100,
  openAnswers: 0,
  operationShare: 0.5,
  idle: (DRAIN_SECONDS - 1) * 1_000,
  answerSize: 1024 * 1024,
  retries: 2,
  retryBudget: { ratio: 0.1, max: 10 },
  breaker: { threshold: 0.5, duration: 10_000, minimumRps: 1, halfOpenAfter: 2_000 }
}

/**
 * Returns the options with which an undici pool closes idle connections after `idle` milliseconds, whatever the target's `Keep-Alive` says.
 */
export const idleTimeouts = (idle: number) => ({ keepAliveTimeout: idle, keepAliveMaxTimeout: idle })

/** Thrown if no answer arrived in time. `cutShort` is true if the caller's deadline left less time than the usual time-out. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut'
  readonly cutShort: boolean

  constructor(milliseconds: number, cutShort: boolean) {
    super(`No answer within ${milliseconds} ms`)
    this.cutShort = cutShort
  }
}

/** Thrown if the target can't be reached, or broke the connection. */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed'
}

/**
 * Converts an error of undici to `ConnectionFailed`. Returns an error unchanged if undici refused to send the request, because the target
 * did not cause that error.
 */
export const requestError = (cause: Error): Error =>
  SENDER_ERRORS.some(kind => cause instanceof kind) ? cause : new ConnectionFailed('The connection failed', { cause })

const SENDER_ERRORS = [errors.InvalidArgumentError, errors.NotSupportedError, errors.RequestContentLengthMismatchError]

/**
 * Returns whether a status means that something in front of the target is broken. A 503 comes from the target itself, and may concern one
 * resource only.
 */
export const isGatewayFailure = (status: number): boolean => status === 502 || status === 504

/** Returns whether a request may be tried again after this status. */
export const isRetryableStatus = (status: number): boolean => status === 503 || isGatewayFailure(status)

/** Returns whether the request was not sent, because the queue is full or the circuit is open. */
export const isRejection = (error: unknown): boolean =>
  error instanceof BrokenCircuitError || error instanceof BulkheadRejectedError

/** A token bucket that limits retries to a fraction of the calls, so that retries can't multiply the load on an unavailable target. */
export type RetryBudget = {
  /** Adds the fraction of a retry that each call earns to the budget. */
  addCall(): void
  /** Takes a retry out of the budget. Returns false if none is left. */
  takeRetry(): boolean
  /** Returns the number of retries that may be taken out now. */
  left(): number
}

/** Creates a full budget. */
export function retryBudget({ ratio, max }: ClientLimits['retryBudget']): RetryBudget {
  let tokens = max
  return {
    addCall() {
      tokens = Math.min(max, tokens + ratio)
    },
    takeRetry() {
      if (tokens < 1) return false
      tokens--
      return true
    },
    left: () => Math.floor(tokens)
  }
}
