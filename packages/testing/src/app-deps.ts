import { systemClock } from '@bulkhead/chassis/core'
import type { AppDeps } from '@bulkhead/chassis/http'
import { Registry } from 'prom-client'
import { verifierFor } from './callers.ts'
import { silentLog } from './silent.ts'

/** What the app of the service of this name takes from its process: metrics of its own, and callers of `callers.ts`. */
export const appDeps = (service: string): AppDeps => ({
  log: silentLog,
  registry: new Registry(),
  clock: systemClock,
  verify: verifierFor(service)
})
