import { type AppDeps, createApp } from '@bulkhead/chassis/app'
import { mongoProblem } from '@bulkhead/chassis/mongo'
import contract from '../contract.json' with { type: 'json' }
import { productRoutes } from './routes/products.ts'
import type { Products } from './store.ts'

type Deps = AppDeps & { products: Products }

/** catalog's API. */
export function catalogApp({ products, ...deps }: Deps) {
  const routers = [productRoutes({ products, clock: deps.clock })]
  return createApp({ ...deps, contract, storeProblem: mongoProblem, routers })
}
