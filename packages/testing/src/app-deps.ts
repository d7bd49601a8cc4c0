import type { AppDeps } from '@bulkhead/chassis/app'
import { systemClock } from '@bulkhead/chassis/clock'
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
