import { createHash } from 'node:crypto'

const LONGEST = 100
const HASH_DIGITS = 10

/**
 * Makes a SKU for a variant that has none, from its product's handle and its option values, so that the next import makes the
 * same one, whatever other variants there are. It ends with a hash of the exact texts: the words of two may be alike, also of
 * different products. It is none of `taken`, the SKUs that the product has or the file has for it.
 */
export function madeSku(handle: string, values: string[], taken: ReadonlySet<string>): string {
  const words = wordsOf([handle, ...values]).slice(0, LONGEST - HASH_DIGITS - 1)
  // Cutting may leave half of a surrogate pair.
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
