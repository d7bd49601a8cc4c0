import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import { mongoProblem } from '@bulkhead/chassis/mongo'
import { contract } from './contract.ts'
import { orderRoutes } from './routes.ts'

type Deps = AppDeps & Parameters<typeof orderRoutes>[0]

/** orders' API. */
export const ordersApp = (deps: Deps) =>
  createApp({ ...deps, contract, storeProblem: mongoProblem, routers: [orderRoutes(deps)] })
