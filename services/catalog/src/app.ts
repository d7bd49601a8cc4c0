import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import { mongoProblem } from '@bulkhead/chassis/mongo'
import { categoryRoutes } from './categories/routes.ts'
import { contract } from './contract.ts'
import { familyRoutes } from './families/routes.ts'
import { type ImportDeps, importRoutes } from './imports/routes.ts'
import { offerRoutes } from './offers/routes.ts'
import { productRoutes } from './products/routes.ts'
import type { Stores } from './store.ts'

type Deps = AppDeps & { stores: Stores; imports: ImportDeps }

/** catalog's API. */
export function catalogApp({ stores, imports, ...deps }: Deps) {
  const ground = { ...stores, clock: deps.clock }
  const routers = [
    productRoutes(ground),
    offerRoutes(ground),
    familyRoutes(ground),
    categoryRoutes(ground),
    importRoutes({ ...imports, ...ground })
  ]
  return createApp({ ...deps, contract, storeProblem: mongoProblem, routers })
}
