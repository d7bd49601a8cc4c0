import type { Clock, FaultPoint } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import type { Provider } from '../provider.ts'
import { connectSandbox, sandboxProvider } from './sandbox.ts'

type Ground = {
  token: (target: string) => Promise<string>
  log: Logger
  registry: Registry
  clock: Clock
  at: FaultPoint
}

/** The provider that the configuration names, and what ends its connections. */
export async function chooseProvider(config: Config, { clock, log, ...ground }: Ground) {
  if (config.PAYMENT_PROVIDER === 'stripe')
    return { provider: await stripe(config, { clock, log, registry: ground.registry }), close: async () => undefined }
  const sandbox = connectSandbox({ url: config.SANDBOX_URL!, ...ground })
  return { provider: sandboxProvider(sandbox, config.SANDBOX_WEBHOOK_SECRET!), close: sandbox.close }
}

/** Loaded only where it is used: the library is large. */
async function stripe(config: Config, ground: Pick<Ground, 'clock' | 'log' | 'registry'>): Promise<Provider> {
  const { stripeProvider } = await import('./stripe.ts')
  return stripeProvider({
    secretKey: config.STRIPE_SECRET_KEY!,
    webhookSecret: config.STRIPE_WEBHOOK_SECRET!,
    url: config.STRIPE_URL,
    ...ground
  })
}
