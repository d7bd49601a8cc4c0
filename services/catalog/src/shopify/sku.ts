import { createHash } from 'node:crypto'

const LONGEST = 100
const HASH_DIGITS = 10

/**
 * Generates a SKU for a variant without a SKU, from the handle of its product and its option values. The next import generates the same
 * SKU, even if other variants differ. The SKU ends with a hash of the exact texts, because two variants can have the same words. The SKU is
 * not in `taken`.
 */
export function generateSku(handle: string, values: string[], taken: ReadonlySet<string>): string {
  const words = wordsOf([handle, ...values]).slice(0, LONGEST - HASH_DIGITS - 1)
  // The cut can leave half of a surrogate pair.
  const start = words.replace(/[\ud800-\udbff]$/, '')
  for (let attempt = 0; ; attempt++) {
    const hash = createHash('sha256')
      .update(JSON.stringify([handle, values, attempt]))
      .digest('hex')
    const sku = `${start}-${hash.slice(0, HASH_DIGITS).toUpperCase()}`
    if (!taken.has(sku)) return sku
  }
}

function wordsOf(texts: string[]): string {
  return texts
    .join(' ')
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}
