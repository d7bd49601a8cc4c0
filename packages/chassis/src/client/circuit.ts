import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, SamplingBreaker } from 'cockatiel'

/**
 * The limits by which a circuit opens and is tried again. It opens in two cases. One: more than the fraction `threshold` of the attempts
 * within `duration` (ms) failed, at a rate of at least `minimumRps` attempts a second. Two: N attempts in a row failed, no matter how long
 * that took; N is `minimumRps` × `duration` in seconds, rounded up. After `halfOpenAfter` (ms) it lets one attempt pass.
 */
export type CircuitLimits = { threshold: number; duration: number; minimumRps: number; halfOpenAfter: number }

/**
 * The outcome of an attempt. `begun`: an answer has begun, and its end is not known yet. `unknown`: the attempt says nothing about the
 * target.
 */
type Verdict = 'succeeded' | 'failed' | 'begun' | 'unknown'

/** A circuit breaker whose attempts are judged when their outcome is known. */
export type Circuit = {
  /** Lets an attempt pass, and returns the function that judges it. Throws a `BrokenCircuitError` while the circuit is open. */
  pass(): Judge
}

/** Records the outcome of an attempt. An attempt that has `begun` may be judged again at its end. */
export type Judge = (verdict: Verdict) => void

/** Creates a closed circuit. It calls `onChange` when it opens and when it closes. */
export function circuit(limits: CircuitLimits, onChange: (isOpen: boolean) => void): Circuit {
  // Sampling alone never opens at less than `minimumRps` attempts a second. Then every caller would wait for a time-out.
  const breakers = [
    new SamplingBreaker(limits),
    new ConsecutiveBreaker(Math.ceil((limits.minimumRps * limits.duration) / 1000))
  ]
  /** The time from which an open circuit lets an attempt pass. Undefined while the circuit is closed. */
  let nextTry: number | undefined

  const retryAfter = (milliseconds: number) => {
    nextTry = performance.now() + milliseconds
  }

  function open() {
    retryAfter(limits.halfOpenAfter)
    onChange(true)
  }

  function close() {
    nextTry = undefined
    for (const breaker of breakers) breaker.success(CircuitState.HalfOpen)
    onChange(false)
  }

  function judge(verdict: Verdict) {
    if (nextTry !== undefined) return
    if (verdict === 'succeeded') for (const breaker of breakers) breaker.success(CircuitState.Closed)
    if (verdict === 'failed' && breakers.map(breaker => breaker.failure(CircuitState.Closed)).includes(true)) open()
  }

  function judgeTry(verdict: Verdict) {
    if (nextTry === undefined) judge(verdict)
    else if (verdict === 'failed') open()
    else if (verdict === 'unknown') retryAfter(0)
    else close()
  }

  return {
    pass() {
      if (nextTry === undefined) return judge
      if (performance.now() < nextTry) throw new BrokenCircuitError()
      retryAfter(limits.halfOpenAfter)
      return judgeTry
    }
  }
}
