import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Progress } from '../output/progress-bar.ts'
import type { Shop } from '../services/shop.ts'
import { importProducts } from './import.ts'

const SAMPLE = 'services/catalog/sample/products.csv'
const CURRENCY = 'EUR'
/** Longer than the gateway's own limit of 5 seconds, to receive its status (ms). */
const ANSWER_LIMIT = 10_000
/** Longer than the pause after which a service asks again for keys that it could not get (ms). */
const KEYS_LIMIT = 15_000

/** Imports the sample catalogue if catalog has no product yet. Resolves with a message, or with undefined if there was nothing to do. */
export async function importSample(
  root: string,
  { address: gateway, tokens }: Shop,
  progress: (progress: Progress) => void
): Promise<string | undefined> {
  const file = join(root, SAMPLE)
  if (!existsSync(file)) return undefined
  const token = tokens.staff
  if (await hasProducts(gateway, token)) return undefined
  const job = await importProducts(file, { gateway, token, currency: CURRENCY, progress })
  return `Imported the sample catalogue: ${job.products} products (${SAMPLE})`
}

async function hasProducts(gateway: string, token: string): Promise<boolean> {
  const ask = () =>
    fetch(`${gateway}/api/v1/catalog/products?limit=1`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_LIMIT)
    })
  let answer = await ask()
  // If a service starts before the issuer of tokens, it gets the issuer's keys a few seconds later.
  for (const limit = Date.now() + KEYS_LIMIT; answer.status === 503 && Date.now() < limit; answer = await ask()) {
    await delay(250)
  }
  if (!answer.ok) throw new Error(`catalog answers status ${answer.status}`)
  const { items } = (await answer.json()) as { items: unknown[] }
  return items.length > 0
}
