import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import { mongoProblem } from '@bulkhead/chassis/mongo'
import { contract } from './contract.ts'
import type { Identity } from './identity.ts'
import { accountRoutes } from './routes/accounts.ts'
import { erasureRoutes } from './routes/erasures.ts'
import { keyRoutes } from './routes/keys.ts'
import { registrationRoutes } from './routes/registrations.ts'
import { sessionRoutes } from './routes/sessions.ts'

type Deps = AppDeps & { identity: Identity }

/** identity's API. */
export function identityApp({ identity, ...deps }: Deps) {
  const { accounts, keys, sessions, registering, signingIn, erasing } = identity
  const routers = [
    keyRoutes(keys),
    registrationRoutes(registering),
    sessionRoutes({ signingIn, sessions, clock: deps.clock }),
    accountRoutes(accounts, registering),
    erasureRoutes(accounts, erasing)
  ]
  return createApp({ ...deps, contract, storeProblem: mongoProblem, routers })
}
