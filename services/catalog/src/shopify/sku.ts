import { createHash } from 'node:crypto'

const LONGEST = 100

/**
 * Makes the SKUs of those of a product's variants that have none, in their order, from its handle and their option values,
 * so that the next import finds the same ones, whatever the order of the rows. Those that two variants would share, that
 * are `taken` or that get too long end with a hash of the exact values.
 */
export function madeSkus(handle: string, variants: string[][], taken: ReadonlySet<string>): string[] {
  const plain = variants.map(values => wordsOf([handle, ...values]))
  const uses = new Map<string, number>()
  for (const sku of plain) uses.set(sku, (uses.get(sku) ?? 0) + 1)
  const claimed = new Set([...taken, ...plain])
  return plain.map((sku, place) => {
    const isGood = sku !== '' && sku.length <= LONGEST && !taken.has(sku) && uses.get(sku) === 1
    return isGood ? sku : hashedSku(sku, [handle, ...variants[place]!], claimed)
  })
}

function wordsOf(texts: string[]): string {
  return texts
    .join(' ')
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}

function hashedSku(plain: string, exact: string[], taken: ReadonlySet<string>): string {
  // Cutting may leave half of a surrogate pair.
  const start = plain.slice(0, LONGEST - 17).replace(/[\ud800-\udbff]$/, '')
  for (let attempt = 0; ; attempt++) {
    const hash = createHash('sha256')
      .update(JSON.stringify([exact, attempt]))
      .digest('hex')
    const sku = `${start}-${hash.slice(0, 16).toUpperCase()}`
    if (!taken.has(sku)) return sku
  }
}
