import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, SamplingBreaker } from 'cockatiel'

/**
 * A circuit opens when more than `threshold` of the attempts of `duration` milliseconds failed, of `minimumRps` a second at least, and
 * when as many in a row failed as those make, however long that took. After `halfOpenAfter` milliseconds one attempt tries it.
 */
export type CircuitLimits = { threshold: number; duration: number; minimumRps: number; halfOpenAfter: number }

/** `begun`: an answer comes in whose end is not known yet. `unknown`: the attempt ended for a reason that says nothing. */
type Verdict = 'succeeded' | 'failed' | 'begun' | 'unknown'

export type Circuit = ReturnType<typeof circuit>

/** A circuit breaker whose attempts are judged when their outcome is known. `changed` is told when it opens and closes. */
export function circuit(limits: CircuitLimits, changed: (isOpen: boolean) => void) {
  // Sampling alone never opens for a target that is asked less than `minimumRps`, where each caller would wait for a time-out.
  const breakers = [
    new SamplingBreaker(limits),
    new ConsecutiveBreaker(Math.ceil((limits.minimumRps * limits.duration) / 1000))
  ]
  /** While it is open: when an attempt may try it. */
  let nextTry: number | undefined

  const retryAfter = (milliseconds: number) => {
    nextTry = performance.now() + milliseconds
  }

  function open() {
    retryAfter(limits.halfOpenAfter)
    changed(true)
  }

  function close() {
    nextTry = undefined
    for (const breaker of breakers) breaker.success(CircuitState.HalfOpen)
    changed(false)
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
    /** Lets an attempt pass and returns what judges it, or throws a `BrokenCircuitError`. */
    pass(): (verdict: Verdict) => void {
      if (nextTry === undefined) return judge
      if (performance.now() < nextTry) throw new BrokenCircuitError()
      retryAfter(limits.halfOpenAfter)
      return judgeTry
    }
  }
}
