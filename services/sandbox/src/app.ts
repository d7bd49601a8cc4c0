import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import { redisProblem } from '@bulkhead/chassis/redis'
import { contract } from './contract.ts'
import { paymentMethodRoutes } from './routes/payment-methods.ts'
import { paymentRoutes } from './routes/payments.ts'
import { webhookBehaviourRoutes } from './routes/webhook-behaviour.ts'
import type { Store } from './store.ts'

type Deps = AppDeps & { store: Store; slowMs?: number }

/** Milliseconds after which the slow card is answered. */
const SLOW_MS = 5_000

/** The service's API. */
export function sandboxApp({ store, slowMs = SLOW_MS, ...deps }: Deps) {
  const routers = [
    paymentMethodRoutes(store, deps.clock),
    paymentRoutes({ store, clock: deps.clock, slowMs }),
    webhookBehaviourRoutes(store)
  ]
  return createApp({ ...deps, contract, storeProblem: redisProblem, routers })
}
