import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel'
import { errors } from 'undici'
import { DRAIN_SECONDS } from '../core/index.ts'
import type { CircuitLimits } from './circuit.ts'

/** The limits of calls to one target. Times are in milliseconds. */
export type ClientLimits = {
  /** The time of one attempt, with its wait in the queue. */
  timeout: number
  /** The most attempts at once, and so the most connections. */
  concurrency: number
  /** The most attempts that wait for one of these places. */
  queue: number
  /** The most answers whose bodies still arrive beside these attempts, each on a connection of its own. */
  openAnswers: number
  /** The part of the places and the queue that one operation may use, so that a slow operation leaves room for others. */
  operationShare: number
  /**
   * How long a connection may idle. It must be shorter than the target's draining: else the target closes an idle connection just as a
   * request is sent, and a request that can't be repeated fails.
   */
  idle: number
  /** The most bytes of an answer's body. */
  answerSize: number
  /** The most attempts after the first. */
  retries: number
  /** `ratio` is the number of retries that each call adds to the budget, `max` the most retries in it. */
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

/** Returns the options with which an undici pool closes idle connections after `idle` milliseconds, whatever the target's `Keep-Alive` says. */
export const idleTimeouts = (idle: number) => ({ keepAliveTimeout: idle, keepAliveMaxTimeout: idle })

/** No answer arrived in time. `cutShort` is true if the caller's deadline left less time than the usual time-out. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut'
  readonly cutShort: boolean

  constructor(milliseconds: number, cutShort: boolean) {
    super(`No answer within ${milliseconds} ms`)
    this.cutShort = cutShort
  }
}

/** The target can't be reached, or broke the connection. */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed'
}

/**
 * Converts an error of undici to `ConnectionFailed`. Returns an error unchanged if undici refused to send the request, because then the target
 * has nothing to do with it.
 */
export const requestError = (cause: Error): Error =>
  SENDER_ERRORS.some(kind => cause instanceof kind) ? cause : new ConnectionFailed('The connection failed', { cause })

const SENDER_ERRORS = [errors.InvalidArgumentError, errors.NotSupportedError, errors.RequestContentLengthMismatchError]

/** Whether a status says that something before the target is broken. A 503 comes from the target itself, and may concern one resource only. */
export const isGatewayFailure = (status: number): boolean => status === 502 || status === 504

/** Whether a request may be tried again after this status. */
export const isRetryableStatus = (status: number): boolean => status === 503 || isGatewayFailure(status)

/** Whether the request was not sent, because the queue is full or the circuit is open. */
export const isRejection = (error: unknown): boolean =>
  error instanceof BrokenCircuitError || error instanceof BulkheadRejectedError

/** Limits retries to a part of the calls, so that they can't multiply the load on a target that is down. A token bucket. */
export type RetryBudget = {
  /** Adds a call's part of a retry to the budget. */
  addCall(): void
  /** Takes a retry out of the budget. Returns false if none is left. */
  takeRetry(): boolean
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
    }
  }
}
