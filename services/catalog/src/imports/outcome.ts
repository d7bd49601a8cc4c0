import type { Versioned } from '@bulkhead/chassis/aggregates'
import { Problem } from '@bulkhead/chassis/problem'
import { takenProblem } from '@bulkhead/chassis/unique-keys'
import type { StoredProduct } from '../products/document.ts'
import type { Column } from '../shopify/columns.ts'
import { productKeys } from '../unique-keys.ts'
import type { Batch } from './batches.ts'
import type { ImportError } from './jobs.ts'
import type { Imported } from './merge.ts'
import type { StockItem } from './stock.ts'

/** What became of a batch; `refusedRows` are those of its products that were refused. */
export type Outcome = {
  created: number
  changed: number
  unchanged: number
  refusedRows: number
  errors: ImportError[]
  stock: StockItem[]
}

/** The write of a product. `versionBefore` is 0 for a new one. */
export type Result = PromiseSettledResult<Versioned<StoredProduct>> & { versionBefore: number }

/** What became of the products of a batch, by their handles; a note says why one that was taken stays a draft. */
export type Taken = { results: Map<string, Result>; notes: Map<string, Problem | undefined> }

/** Counts what became of a batch and names what was refused. Throws the error of a product that was no fault of its. */
export function outcomeOf(
  { products, columns }: Batch,
  imported: Map<string, Imported>,
  { results, notes }: Taken
): Outcome {
  const outcome: Outcome = { created: 0, changed: 0, unchanged: 0, refusedRows: 0, errors: [], stock: [] }
  for (const { line, rows, product, stock, madeSkus } of products) {
    const result = results.get(product.handle)!
    if (result.status === 'rejected') {
      outcome.refusedRows += rows
      outcome.errors.push({ line, ...refusalOf(result.reason) })
      continue
    }
    const { value, versionBefore } = result
    if (versionBefore === 0) outcome.created++
    else if (value.version > versionBefore) outcome.changed++
    else outcome.unchanged++
    const note = notes.get(product.handle)
    if (note) outcome.errors.push({ line, column: 'Status', reason: `It stays a draft: ${reasonOf(note)}` })
    if (columns.has(CATEGORY) && !imported.get(product.handle)!.categories)
      outcome.errors.push({ line, column: CATEGORY, reason: 'It is no path of categories, and is left out' })
    outcome.stock.push(...ownSkus(stock, madeSkus, product.variants, value.variants))
  }
  return outcome
}

const CATEGORY: Column = 'Product Category'

/** The stock with the product's own SKUs in place of made ones: where there are any, its first variants are those of the file. */
function ownSkus(stock: StockItem[], made: ReadonlySet<string>, read: { sku: string }[], own: { sku: string }[]) {
  const skuOf = new Map(read.map(({ sku }, place) => [sku, made.has(sku) ? own[place]!.sku : sku]))
  return stock.map(({ sku, quantity }) => ({ sku: skuOf.get(sku)!, quantity }))
}

const problemOf = takenProblem(productKeys)

/** Whether another product with the handle came first. */
export function isHandleTaken(result: Result) {
  const problem = result.status === 'rejected' && problemOf(result.reason)
  return problem instanceof Problem && problem.type === 'handle-taken'
}

function refusalOf(error: unknown): Omit<ImportError, 'line'> {
  const problem = problemOf(error)
  if (!(problem instanceof Problem) || problem.status >= 500) throw error
  return { column: problem.type === 'sku-taken' ? 'Variant SKU' : 'Handle', reason: reasonOf(problem) }
}

/** A problem in one line. */
const reasonOf = ({ message, detail, errors = [] }: Problem) =>
  [message, detail, ...errors.map(({ pointer, detail }) => `${pointer}: ${detail}`)].filter(Boolean).join('; ')
