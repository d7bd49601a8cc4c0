import { ConnectionFailed, clientMetricsOf, defaultLimits, guard, TimedOut } from '@bulkhead/chassis/client'
import type { Registry } from 'prom-client'
import { PROVIDER_MS } from '../provider.ts'

/** All requests count as one operation. Stripe's library provides only the URL, and a separate circuit for each URL would never open. */
const OPERATION = 'fetch'

/** Returns a `fetch` with the limits and metrics of calls between services: concurrency, a queue, a circuit that opens. */
export function limitedFetch(registry: Registry): typeof fetch {
  const guarded = guard('stripe', { ...defaultLimits, operationShare: 1 }, clientMetricsOf(registry))
  guarded.prepare(OPERATION)
  return async (input, init) => {
    const signal = init?.signal ?? AbortSignal.timeout(PROVIDER_MS)
    const send = async () => {
      try {
        return await fetch(input, { ...init, signal })
      } catch (cause) {
        if (signal.aborted) throw new TimedOut(PROVIDER_MS, false)
        throw new ConnectionFailed('The connection failed', { cause })
      }
    }
    const response = await guarded.run(OPERATION, signal, send)
    if (response.status < 500) return response
    // Stripe's library would treat a body without an error as a result.
    await response.body?.cancel()
    throw new ConnectionFailed(`Stripe answered ${response.status}`)
  }
}
