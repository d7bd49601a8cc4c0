import { PRODUCT_BYTES } from './limits.ts'

/** A page of what may be large, as `shown`, has as many bytes as one product may have. */
export const pageBudget = <T extends object>(shown: (item: T) => object) => ({
  most: PRODUCT_BYTES,
  sizeOf: (item: T) => Buffer.byteLength(JSON.stringify(shown(item)))
})
