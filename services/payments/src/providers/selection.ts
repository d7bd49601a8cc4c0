import type { Clock } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import * as z from 'zod'
import type { Sandbox } from '../clients/sandbox.ts'
import type { Provider } from './provider.ts'
import { sandboxProvider } from './sandbox.ts'

/** The variables of both providers. `SANDBOX_URL` is not among them: the definition of the service adds it. */
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
    for (const name of VARIABLES_OF[variables.PAYMENT_PROVIDER])
      if (given.get(name) === undefined)
        context.addIssue({ code: 'custom', path: [name], message: `Needed for ${variables.PAYMENT_PROVIDER}` })
  })

const VARIABLES_OF = {
  sandbox: ['SANDBOX_URL', 'SANDBOX_WEBHOOK_SECRET'],
  stripe: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']
}

type Options = {
  /** Undefined where `SANDBOX_URL` is not set. */
  sandbox: Sandbox | undefined
  clock: Clock
  log: Logger
  registry: Registry
}

/** The provider that the configuration names. */
export async function chooseProvider(
  config: z.infer<typeof providerConfig>,
  { sandbox, ...options }: Options
): Promise<Provider> {
  if (config.PAYMENT_PROVIDER === 'sandbox') return sandboxProvider(sandbox!, config.SANDBOX_WEBHOOK_SECRET!)
  // Loaded only where it is used: the library is large.
  const { stripeProvider } = await import('./stripe/provider.ts')
  return stripeProvider({
    secretKey: config.STRIPE_SECRET_KEY!,
    webhookSecret: config.STRIPE_WEBHOOK_SECRET!,
    url: config.STRIPE_URL,
    ...options
  })
}
