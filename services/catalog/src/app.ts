import { createApp } from '@bulkhead/chassis/app'
import type { Caller } from '@bulkhead/chassis/caller'
import type { Clock } from '@bulkhead/chassis/clock'
import { mongoProblem } from '@bulkhead/chassis/mongo'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { contract } from './contract.ts'
import { productRoutes } from './routes/products.ts'
import type { Products } from './store.ts'

type Deps = {
  products: Products
  clock: Clock
  log: Logger
  registry: Registry
  verify: (authorization: string | undefined) => Caller | Promise<Caller>
}

/** catalog's API. */
export function catalogApp({ products, clock, log, registry, verify }: Deps) {
  return createApp({
    log,
    registry,
    clock,
    verify,
    contract,
    storeProblem: mongoProblem,
    routers: [productRoutes({ products, clock })]
  })
}
