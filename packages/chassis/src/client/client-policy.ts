import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel'
import { errors } from 'undici'
import { DRAIN_SECONDS } from '../core/index.ts'
import type { CircuitLimits } from './circuit.ts'

/** What calls of one target may take. Times in milliseconds. */
export type ClientLimits = {
  /** For one attempt, with its wait in the queue. */
  timeout: number
  /** Attempts under way at once, and so connections. */
  concurrency: number
  /** Attempts that may wait for one of those. */
  queue: number
  /** Answers that may still come in beside those attempts, each on a connection. */
  openAnswers: number
  /** The part of places and queue that one operation may take, so that a slow one leaves the others room. */
  operationShare: number
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

/** Options of an undici pool by which it closes connections that idled for so long, in milliseconds, whatever the target's Keep-Alive says. */
export const idleTimeouts = (idle: number) => ({ keepAliveTimeout: idle, keepAliveMaxTimeout: idle })

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

/**
 * The error for a request that undici gave up. It is `ConnectionFailed`, unless undici refused what it was given: then the target has no
 * part in it.
 */
export const requestError = (cause: Error) =>
  SENDER_ERRORS.some(kind => cause instanceof kind) ? cause : new ConnectionFailed('The connection failed', { cause })

const SENDER_ERRORS = [errors.InvalidArgumentError, errors.NotSupportedError, errors.RequestContentLengthMismatchError]

/** Statuses that say something on the way to the target is broken. A 503 is the target's own: it may only concern one resource. */
export const isGatewayFailure = (status: number) => status === 502 || status === 504

/** Statuses after which a request may be tried again. */
export const isRetryableStatus = (status: number) => status === 503 || isGatewayFailure(status)

/** Whether `error` is one of a full queue or an open circuit: nothing was sent. */
export const isRejection = (error: unknown) =>
  error instanceof BrokenCircuitError || error instanceof BulkheadRejectedError

/** Retries as a part of the calls, so that they can't multiply the load on a target that is down. A token bucket. */
export function retryBudget({ ratio, max }: ClientLimits['retryBudget']) {
  let tokens = max
  return {
    addCall() {
      tokens = Math.min(max, tokens + ratio)
    },
    /** Takes a retry out of the budget, or returns false where there is none left. */
    takeRetry() {
      if (tokens < 1) return false
      tokens--
      return true
    }
  }
}
