import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import { mongoProblem } from '@bulkhead/chassis/mongo'
import type { AuthorisingGround } from './authorising.ts'
import { contract } from './contract.ts'
import { journalRoutes } from './routes/journal.ts'
import { paymentRoutes } from './routes/payments.ts'
import { webhookRoutes } from './routes/webhooks.ts'

type Deps = AppDeps & Omit<AuthorisingGround, 'clock' | 'logger'>

/** The service's API. */
export function paymentsApp({ store, provider, orders, ...deps }: Deps) {
  const ground = { store, provider, orders, clock: deps.clock, logger: deps.log }
  const routers = [paymentRoutes(ground), journalRoutes(store.journal), webhookRoutes(ground, deps.registry)]
  return createApp({ ...deps, contract, storeProblem: mongoProblem, routers })
}
