import type { Clock } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import * as z from 'zod'
import type { Sandbox } from '../clients/sandbox.ts'
import type { Provider } from './provider.ts'
import { sandboxProvider } from './sandbox.ts'

const VARIABLES_OF = {
  sandbox: ['SANDBOX_URL', 'SANDBOX_WEBHOOK_SECRET'],
  stripe: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']
}

/** The variables of the providers. `SANDBOX_URL` is checked here too, although the definition of the service adds it. */
export const providerConfig = z
  .object({
    PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).default('sandbox'),
    SANDBOX_WEBHOOK_SECRET: z.string().min(16).optional(),
    STRIPE_SECRET_KEY: z.string().min(1).optional(),
    STRIPE_WEBHOOK_SECRET: z.string().min(1).optional(),
    /** The address of a stand-in for Stripe. */
    STRIPE_URL: z.url().optional()
  })
  .superRefine((variables, context) => {
    const given = new Map(Object.entries(variables))
    const missing = VARIABLES_OF[variables.PAYMENT_PROVIDER].filter(name => given.get(name) === undefined)
    for (const name of missing)
      context.addIssue({ code: 'custom', path: [name], message: `Needed for ${variables.PAYMENT_PROVIDER}` })
  })

type ProviderConfig = z.infer<typeof providerConfig>

type Options = {
  /** The client of the sandbox. Undefined if `SANDBOX_URL` is not set. */
  sandbox: Sandbox | undefined
  clock: Clock
  log: Logger
  registry: Registry
}

/** Returns the provider that the configuration names. */
export async function selectProvider(config: ProviderConfig, options: Options): Promise<Provider> {
  const { sandbox, clock, log, registry } = options
  if (config.PAYMENT_PROVIDER === 'sandbox') return sandboxProvider(sandbox!, config.SANDBOX_WEBHOOK_SECRET!)
  // Stripe's library is large, so it is loaded only if it is used.
  const { stripeProvider } = await import('./stripe/provider.ts')
  return stripeProvider({
    secretKey: config.STRIPE_SECRET_KEY!,
    webhookSecret: config.STRIPE_WEBHOOK_SECRET!,
    url: config.STRIPE_URL,
    clock,
    log,
    registry
  })
}
