import { decodeCursor, encodeCursor, toPage } from '@bulkhead/chassis/contract'
import { invalidInput, orNotFound } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import { checkReferences, type References } from '../products/references.ts'
import type { ImportSummary, StoredImport } from './jobs.ts'
import { getImport, getImportedStock, importProducts, listImports } from './operations.ts'
import type { StockPlace } from './stock.ts'
import type { ImportStore } from './store.ts'

export function importRoutes({ jobs, files, stock }: ImportStore, references: References) {
  return operations()
    .handle(importProducts, async ({ query, upload, context: { traceparent } }) => {
      await checkReferences({ ...query, categories: [] }, references, 'query')
      const id = await jobs.open({ ...query, traceparent })
      try {
        await jobs.enqueue(id, await files.write(id, upload))
      } catch (error) {
        await files.remove(id, files.mostChunks)
        await jobs.remove(id)
        throw error
      }
      // Relative to the path of the request, because a proxy may have changed the path.
      return { status: 202, headers: { Location: `imports/${id}` }, body: toImport(orNotFound(await jobs.byId(id))) }
    })
    .handle(getImport, async ({ params }) => ({ status: 200, body: toImport(orNotFound(await jobs.byId(params.id))) }))
    .handle(listImports, async ({ query: { limit, cursor } }) => {
      const before = cursor === undefined ? undefined : String(decodeCursor(cursor, 'imports')[0])
      const page = toPage(await jobs.page(before, limit + 1), limit, 'imports', ({ _id }) => [_id])
      return { status: 200, body: { ...page, items: page.items.map(toImportSummary) } }
    })
    .handle(getImportedStock, async ({ params: { id }, query: { limit, cursor } }) => {
      const { progress } = orNotFound(await jobs.byId(id))
      const scope = { list: 'imported-stock', id }
      const from = cursor === undefined ? { document: 0, item: 0 } : readPlace(decodeCursor(cursor, scope))
      const { items, next } = await stock.page(id, progress.stockDocuments, from, limit)
      return { status: 200, body: { items, nextCursor: next && encodeCursor([next.document, next.item], scope) } }
    }).router
}

function readPlace([document, item]: unknown[]): StockPlace {
  if (Number.isSafeInteger(document) && Number.isSafeInteger(item))
    return { document: Number(document), item: Number(item) }
  throw invalidInput([{ pointer: '/query/cursor', detail: 'Must be a nextCursor of this list' }])
}

const toImport = (job: StoredImport) => ({
  ...toImportSummary(job),
  unknownColumns: job.unknownColumns ?? [],
  errors: job.errors
})

function toImportSummary(job: ImportSummary) {
  const { bytesRead, rows, refusedRows, created, changed, unchanged, errorCount } = job.progress
  return {
    id: job._id,
    state: job.state,
    reason: job.reason,
    currency: job.currency,
    family: job.family,
    createdAt: job.createdAt.toISOString(),
    finishedAt: job.finishedAt?.toISOString(),
    bytes: job.bytes,
    bytesRead,
    rows,
    refusedRows,
    products: created + changed + unchanged,
    created,
    changed,
    unchanged,
    errorCount
  }
}
