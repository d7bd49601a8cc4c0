import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import { redisProblem } from '@bulkhead/chassis/redis'
import type { Catalog } from './catalog.ts'
import { contract } from './contract.ts'
import { cartRoutes } from './routes/carts.ts'
import { lineRoutes } from './routes/lines.ts'
import type { Carts } from './store.ts'

type Deps = AppDeps & { carts: Carts; catalog: Catalog }

/** cart's API. */
export function cartApp({ carts, catalog, ...deps }: Deps) {
  // What is asked for the most is looked for first.
  const routers = [lineRoutes({ carts }), cartRoutes({ carts, catalog, clock: deps.clock })]
  return createApp({ ...deps, contract, storeProblem: redisProblem, routers })
}
