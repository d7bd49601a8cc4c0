import { ConnectionFailed, clientMetricsOf, defaultLimits, guard, TimedOut } from '@bulkhead/chassis/client'
import type { Registry } from 'prom-client'
import { PROVIDER_MS } from '../deadline.ts'

/** All of them: Stripe's library tells the URL alone, and a circuit for each URL would never open. */
const OPERATION = 'fetch'

/** `fetch` within the limits that calls of services have: so many at once, a queue, a circuit that opens, and the same metrics. */
export function limitedFetch(registry: Registry): typeof fetch {
  const guarded = guard('stripe', { ...defaultLimits, operationShare: 1 }, clientMetricsOf(registry))
  guarded.prepare(OPERATION)
  return async (input, init) => {
    const signal = init?.signal ?? AbortSignal.timeout(PROVIDER_MS)
    const failed = (cause: unknown) =>
      signal.aborted ? new TimedOut(PROVIDER_MS, false) : new ConnectionFailed('The connection failed', { cause })
    const response = await guarded.run(OPERATION, signal, () =>
      fetch(input, { ...init, signal }).catch(error => Promise.reject(failed(error)))
    )
    if (response.status < 500) return response
    // The library would take a body without an error in it for an answer.
    await response.body?.cancel()
    throw new ConnectionFailed(`It answered ${response.status}`)
  }
}
