import { type AppDeps, createApp } from '@bulkhead/chassis/app'
import { mongoProblem } from '@bulkhead/chassis/mongo'
import contract from '../contract.json' with { type: 'json' }
import { categoryRoutes } from './routes/categories.ts'
import { familyRoutes } from './routes/families.ts'
import { type ImportDeps, importRoutes } from './routes/imports.ts'
import { productRoutes } from './routes/products.ts'
import type { Stores } from './store.ts'

type Deps = AppDeps & { stores: Stores; imports: ImportDeps }

/** catalog's API. */
export function catalogApp({ stores, imports, ...deps }: Deps) {
  const ground = { ...stores, clock: deps.clock }
  const routers = [
    productRoutes(ground),
    familyRoutes(ground),
    categoryRoutes(ground),
    importRoutes({ ...imports, ...ground })
  ]
  return createApp({ ...deps, contract, storeProblem: mongoProblem, routers })
}
