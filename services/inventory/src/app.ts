import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import { mongoProblem } from '@bulkhead/chassis/mongo'
import { contract } from './contract.ts'
import type { Inventory } from './inventory.ts'
import { reservationRoutes } from './reservations/routes.ts'
import { stockRoutes } from './stock/routes.ts'

type Deps = AppDeps & { inventory: Inventory }

/** inventory's API. */
export function inventoryApp({ inventory, ...deps }: Deps) {
  const routers = [stockRoutes({ ...inventory, clock: deps.clock }), reservationRoutes(inventory)]
  return createApp({ ...deps, contract, storeProblem: mongoProblem, routers })
}
