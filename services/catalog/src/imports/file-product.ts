import type { Column } from '../shopify/columns.ts'
import type { ImportedProduct } from '../shopify/product.ts'
import type { Batch } from './batches.ts'
import type { CategoryPaths } from './category-paths.ts'
import type { ColumnSet } from './kept-fields.ts'

/** A product of a file, with what the file as a whole says of it. */
export type FileProduct = {
  product: ImportedProduct
  /** Those of its SKUs that the file does not have. */
  madeSkus: ReadonlySet<string>
  /** Of the product's rows some were refused, or may have been: what it has that they may have named is kept. */
  isPartial: boolean
  /** The columns of the file, by `Column` or the key of an attribute. */
  columns: ColumnSet
  currency: string
  /** Undefined where the file doesn't say. */
  categories: string[] | undefined
  family?: string | undefined
}

type Order = { currency: string; family?: string | undefined }

/** The products of a batch by their handles, with their categories, which are made where they are missing. */
export async function readFileProducts(
  { products, columns }: Batch,
  { currency, family }: Order,
  paths: CategoryPaths
) {
  const found = new Map<string, FileProduct>()
  const hasCategories = columns.has('Product Category' satisfies Column)
  for (const { product, madeSkus, isPartial } of products) {
    const id = product.category === undefined ? undefined : await paths.idOf(product.category)
    const isPath = product.category === undefined || id !== undefined
    const categories = hasCategories && isPath ? (id === undefined ? [] : [id]) : undefined
    found.set(product.handle, { product, madeSkus, isPartial, columns, currency, family, categories })
  }
  return found
}
