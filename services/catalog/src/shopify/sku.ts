import { createHash } from 'node:crypto'

const LONGEST = 200

/**
 * Makes the SKU of a variant that has none, from the product's handle and the variant's option values, so that the next
 * import of the file finds the same one. When that is `taken` or long it ends with a hash of the exact values instead.
 */
export function madeSku(handle: string, values: string[], taken: ReadonlySet<string>): string {
  const words = [handle, ...values].map(word =>
    word
      .normalize('NFKC')
      .toUpperCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
  )
  const plain = words.join('-').replace(/-{2,}/g, '-').replace(/^-|-$/g, '')
  let sku = plain
  for (let attempt = 0; sku === '' || sku.length > LONGEST || taken.has(sku); attempt++) {
    const hash = createHash('sha256')
      .update(JSON.stringify([handle, values, attempt]))
      .digest('hex')
    sku = `${plain.slice(0, LONGEST - 17)}-${hash.slice(0, 16).toUpperCase()}`
  }
  return sku
}
