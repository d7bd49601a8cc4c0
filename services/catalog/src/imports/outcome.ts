import { Problem } from '@bulkhead/chassis/core'
import { takenProblem, type Versioned } from '@bulkhead/chassis/mongo'
import type { StoredProduct } from '../products/document.ts'
import { productKeys } from '../products/store.ts'
import type { Column } from '../shopify/columns.ts'
import type { Batch } from './batches.ts'
import type { FileProduct } from './file-product.ts'
import type { ImportError, StockItem } from './schemas.ts'

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

/** What became of the products of a batch, by their handles; a note says why one that was taken is not published. */
export type Taken = { results: Map<string, Result>; notes: Map<string, Problem | undefined> }

/** Counts what became of a batch and names what was refused. Throws the error of a product where that is the store's or ours. */
export function outcomeOf(
  { products, columns }: Batch,
  imported: Map<string, FileProduct>,
  { results, notes }: Taken
): Outcome {
  const nameOf = (column: Column) => columns.get(column) ?? column
  const outcome: Outcome = { created: 0, changed: 0, unchanged: 0, refusedRows: 0, errors: [], stock: [] }
  for (const { line, rows, product, stock, madeSkus } of products) {
    const result = results.get(product.handle)!
    if (result.status === 'rejected') {
      outcome.refusedRows += rows
      const { column, reason } = refusalOf(
        result.reason,
        product.variants.every(({ sku }) => madeSkus.has(sku))
      )
      outcome.errors.push({ line, column: nameOf(column), reason })
      continue
    }
    const { value, versionBefore } = result
    if (versionBefore === 0) outcome.created++
    else if (value.version > versionBefore) outcome.changed++
    else outcome.unchanged++
    const note = notes.get(product.handle)
    if (note) outcome.errors.push({ line, column: nameOf('Status'), reason: `It is not published: ${reasonOf(note)}` })
    if (columns.has(CATEGORY) && !imported.get(product.handle)!.categories)
      outcome.errors.push({ line, column: nameOf(CATEGORY), reason: 'It is no path of categories, and is left out' })
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

/** Whether a product was refused for what another has: the `type` of a problem in `productKeys`. */
export function isTaken(result: Result | undefined, type: string) {
  const problem = result?.status === 'rejected' && problemOf(result.reason)
  return problem instanceof Problem && problem.type === type
}

function refusalOf(error: unknown, areSkusMade: boolean): { column: Column; reason: string } {
  const problem = problemOf(error)
  if (!(problem instanceof Problem) || problem.status >= 500) throw error
  if (problem.type !== 'sku-taken') return { column: 'Handle', reason: reasonOf(problem) }
  if (areSkusMade)
    return { column: 'Handle', reason: 'Another product has a SKU that was made of this handle and options' }
  return { column: 'Variant SKU', reason: reasonOf(problem) }
}

/** A problem in one line, for people who have the file and not the JSON. */
const reasonOf = ({ message, detail, errors = [] }: Problem) =>
  [message, detail, ...errors.map(({ pointer, detail }) => detail !== message && `${wordsOf(pointer)}: ${detail}`)]
    .filter(Boolean)
    .join('; ')

/** A JSON pointer into a product in words, places counted from 1: `/body/variants/0/prices` is `variants 1 prices`. */
const wordsOf = (pointer: string) =>
  pointer
    .replace(/^\/(body\/)?/, '')
    .split('/')
    .map((part, at, parts) =>
      /^\d+$/.test(part) && !isNamed(parts[at - 1], at)
        ? String(Number(part) + 1)
        : part.replaceAll('~1', '/').replaceAll('~0', '~')
    )
    .join(' ')

/** Whether what follows `part` are names, and not places: attributes, and the options of a variant, which is a place itself. */
const isNamed = (part: string | undefined, at: number) => part === 'attributes' || (part === 'options' && at > 1)
