import type { Column } from '../shopify/columns.ts'
import type { ImportedProduct } from '../shopify/product.ts'
import type { Batch } from './batches.ts'
import type { CategoryPaths } from './category-paths.ts'
import type { ImportOrder } from './jobs.ts'
import type { ColumnSet } from './kept-fields.ts'

/** A product of a file, with everything that depends on the whole file or on the import's settings. */
export type FileProduct = {
  product: ImportedProduct
  /** The SKUs that the reader generated for variants without a SKU in the file. */
  generatedSkus: ReadonlySet<string>
  /** Same as in the reader's entry. If true, stored variants and images that the file does not name stay. */
  isPartial: boolean
  /** The columns of the file, by `Column` or the key of an attribute. */
  columns: ColumnSet
  currency: string
  /** IDs of categories. Undefined if the file has no column for them or the path is not valid. */
  categories: string[] | undefined
  family?: string | undefined
}

/** Returns the products of a batch by their handles. Creates missing categories. */
export async function readFileProducts(
  { products, columns }: Batch,
  { currency, family }: ImportOrder,
  paths: CategoryPaths
): Promise<Map<string, FileProduct>> {
  const fileProducts = new Map<string, FileProduct>()
  const hasCategories = columns.has('Product Category' satisfies Column)
  for (const { product, generatedSkus, isPartial } of products) {
    const id = product.category === undefined ? undefined : await paths.idOf(product.category)
    const isPath = product.category === undefined || id !== undefined
    const categories = hasCategories && isPath ? (id === undefined ? [] : [id]) : undefined
    fileProducts.set(product.handle, { product, generatedSkus, isPartial, columns, currency, family, categories })
  }
  return fileProducts
}
