import { systemClock } from '@bulkhead/chassis/core'
import type { AppDeps } from '@bulkhead/chassis/http'
import { Registry } from 'prom-client'
import { verifierFor } from './callers.ts'
import { silentLog } from './silent.ts'

/**
 * Returns everything that `createApp` needs from the process of a service: a silent log, new metrics, the clock and a verifier of the
 * tokens of `callers`.
 */
export const appDeps = (service: string): AppDeps => ({
  log: silentLog,
  registry: new Registry(),
  clock: systemClock,
  verify: verifierFor(service)
})
