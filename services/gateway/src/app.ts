import { type AppDeps, createApp } from '@bulkhead/chassis/app'
import type { Router } from 'express'
import contract from '../contract.json' with { type: 'json' }

type Deps = AppDeps & { proxy: Router }

/** The single API layer. */
export function gatewayApp({ proxy, ...deps }: Deps) {
  return createApp({ ...deps, contract, storeProblem: error => error, routers: [proxy] })
}
