import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import { mongoProblem } from '@bulkhead/chassis/mongo'
import { contract } from './contract.ts'
import { itemRoutes } from './routes/items.ts'
import type { Items } from './store.ts'

type Deps = AppDeps & { items: Items }

/** The service's API. */
export const itemsApp = ({ items, ...deps }: Deps) =>
  createApp({ ...deps, contract, storeProblem: mongoProblem, routers: [itemRoutes(items)] })
