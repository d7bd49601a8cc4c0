import { createApp } from '@bulkhead/chassis/app'
import type { Caller } from '@bulkhead/chassis/caller'
import type { Clock } from '@bulkhead/chassis/clock'
import type { Router } from 'express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { contract } from './contract.ts'

type Deps = {
  proxy: Router
  clock: Clock
  log: Logger
  registry: Registry
  verify: (authorization: string | undefined) => Caller | Promise<Caller>
}

/** The single API layer. */
export function gatewayApp({ proxy, ...deps }: Deps) {
  return createApp({ ...deps, contract, storeProblem: error => error, routers: [proxy] })
}
