import { Problem } from '@bulkhead/chassis/core'
import { takenProblem, type Versioned } from '@bulkhead/chassis/mongo'
import type { StoredProduct } from '../products/document.ts'
import { productKeys } from '../products/store.ts'
import type { Column } from '../shopify/columns.ts'
import type { Batch } from './batches.ts'
import type { FileProduct } from './file-product.ts'
import type { ImportError, StockItem } from './schemas.ts'

/** The outcome of a batch. */
export type Outcome = {
  created: number
  changed: number
  unchanged: number
  /** The number of rows of refused products. */
  refusedRows: number
  errors: ImportError[]
  stock: StockItem[]
}

/** The write of a product. `versionBefore` is 0 for a new product. */
export type WriteResult = PromiseSettledResult<Versioned<StoredProduct>> & { versionBefore: number }

/** The writes of a batch. */
export type BatchWrites = {
  /** The result of each write, by handle. */
  results: Map<string, WriteResult>
  /** The reason why a product was written but not published, by handle. */
  unpublished: Map<string, Problem | undefined>
}

const CATEGORY: Column = 'Product Category'

/** Counts the products of a batch and lists its errors. Throws an error that is not a refusal of a product. */
export function countOutcome(
  { products, columns }: Batch,
  fileProducts: Map<string, FileProduct>,
  { results, unpublished }: BatchWrites
): Outcome {
  const nameOf = (column: Column) => columns.get(column) ?? column
  const outcome: Outcome = { created: 0, changed: 0, unchanged: 0, refusedRows: 0, errors: [], stock: [] }
  for (const { line, rows, product, stock, generatedSkus } of products) {
    const result = results.get(product.handle)!
    if (result.status === 'rejected') {
      const areGenerated = product.variants.every(({ sku }) => generatedSkus.has(sku))
      const { column, reason } = refusalOf(result.reason, areGenerated)
      outcome.refusedRows += rows
      outcome.errors.push({ line, column: nameOf(column), reason })
      continue
    }
    const { value, versionBefore } = result
    if (versionBefore === 0) outcome.created++
    else if (value.version > versionBefore) outcome.changed++
    else outcome.unchanged++
    const problem = unpublished.get(product.handle)
    if (problem)
      outcome.errors.push({ line, column: nameOf('Status'), reason: `It is not published: ${reasonOf(problem)}` })
    if (columns.has(CATEGORY) && !fileProducts.get(product.handle)!.categories)
      outcome.errors.push({ line, column: nameOf(CATEGORY), reason: 'It is not a path of categories, and is left out' })
    outcome.stock.push(...withStoredSkus(stock, generatedSkus, product.variants, value.variants))
  }
  return outcome
}

/**
 * Replaces generated SKUs by the SKUs of the stored product. If any SKU was generated, the stored product's first variants are the variants
 * of the file.
 */
function withStoredSkus(
  stock: StockItem[],
  generated: ReadonlySet<string>,
  read: { sku: string }[],
  stored: { sku: string }[]
) {
  const skuOf = new Map(read.map(({ sku }, place) => [sku, generated.has(sku) ? stored[place]!.sku : sku]))
  return stock.map(({ sku, quantity }) => ({ sku: skuOf.get(sku)!, quantity }))
}

const problemOf = takenProblem(productKeys)

/**
 * Returns true if a product was refused because another product has its handle or one of its SKUs. `type` is a problem type of
 * `productKeys`.
 */
export function isConflict(result: WriteResult | undefined, type: string) {
  const problem = result?.status === 'rejected' && problemOf(result.reason)
  return problem instanceof Problem && problem.type === type
}

function refusalOf(error: unknown, areSkusGenerated: boolean): { column: Column; reason: string } {
  const problem = problemOf(error)
  if (!(problem instanceof Problem) || problem.status >= 500) throw error
  if (problem.type !== 'sku-taken') return { column: 'Handle', reason: reasonOf(problem) }
  if (areSkusGenerated)
    return { column: 'Handle', reason: 'Another product has the SKU that was generated from this handle and options' }
  return { column: 'Variant SKU', reason: reasonOf(problem) }
}

/** Describes a problem in one line, for readers who have the file and not the JSON. */
const reasonOf = ({ message, detail, errors = [] }: Problem) =>
  [message, detail, ...errors.map(({ pointer, detail }) => detail !== message && `${toWords(pointer)}: ${detail}`)]
    .filter(Boolean)
    .join('; ')

/** Converts a JSON pointer into words that count from 1: `/body/variants/0/prices` becomes `variants 1 prices`. */
const toWords = (pointer: string) =>
  pointer
    .replace(/^\/(body\/)?/, '')
    .split('/')
    .map((part, index, parts) =>
      /^\d+$/.test(part) && !hasNames(parts[index - 1], index)
        ? String(Number(part) + 1)
        : part.replaceAll('~1', '/').replaceAll('~0', '~')
    )
    .join(' ')

/** Returns true if `part` is followed by names instead of list positions: names of attributes, or of the options of a variant. */
const hasNames = (part: string | undefined, index: number) => part === 'attributes' || (part === 'options' && index > 1)
