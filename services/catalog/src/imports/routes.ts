import { decodeCursor, encodeCursor, pageFrom } from '@bulkhead/chassis/contract'
import { found, invalidInput } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import { checkReferences, type References } from '../products/references.ts'
import type { KnownImport } from './jobs.ts'
import { getImport, getImportedStock, importProducts, listImports } from './operations.ts'
import type { ImportStore } from './store.ts'

export function importRoutes({ jobs, files, stock }: ImportStore, references: References) {
  return operations()
    .handle(importProducts, async ({ query, upload, context: { traceparent } }) => {
      await checkReferences({ ...query, categories: [] }, references, 'query')
      const id = await jobs.open({ ...query, traceparent })
      try {
        await jobs.enqueue(id, await files.write(id, upload))
      } catch (error) {
        await files.remove(id, files.most)
        await jobs.remove(id)
        throw error
      }
      // Relative to where it was sent, whatever is in front of us.
      return { status: 202, headers: { Location: `imports/${id}` }, body: whole(found(await jobs.byId(id))) }
    })
    .handle(getImport, async ({ params }) => ({ status: 200, body: whole(found(await jobs.byId(params.id))) }))
    .handle(listImports, async ({ query: { limit, cursor } }) => {
      const before = cursor === undefined ? undefined : String(decodeCursor(cursor, 'imports')[0])
      const found = await jobs.page(before, limit + 1)
      const { items, ...rest } = pageFrom(found, limit, 'imports', ({ _id }) => [_id])
      return { status: 200, body: { items: items.map(summary), ...rest } }
    })
    .handle(getImportedStock, async ({ params: { id }, query: { limit, cursor } }) => {
      const { progress } = found(await jobs.byId(id))
      const scope = { list: 'imported-stock', id }
      const from = cursor === undefined ? { document: 0, item: 0 } : stockPlace(decodeCursor(cursor, scope))
      const { items, next } = await stock.page(id, progress.stockDocuments, from, limit)
      return { status: 200, body: { items, nextCursor: next && encodeCursor([next.document, next.item], scope) } }
    }).router
}

function stockPlace([document, item]: unknown[]) {
  if (Number.isSafeInteger(document) && Number.isSafeInteger(item))
    return { document: Number(document), item: Number(item) }
  throw invalidInput([{ pointer: '/query/cursor', detail: 'Must be a nextCursor of this list' }])
}

const whole = (job: KnownImport) => ({ ...summary(job), unknownColumns: job.unknownColumns ?? [], errors: job.errors })

function summary({
  _id,
  state,
  reason,
  currency,
  family,
  createdAt,
  finishedAt,
  bytes,
  progress
}: Omit<KnownImport, 'errors'>) {
  const { bytesRead, rows, refusedRows, created, changed, unchanged, errorCount } = progress
  return {
    ...{ id: _id, state, reason, currency, family, createdAt: createdAt.toISOString() },
    ...(finishedAt && { finishedAt: finishedAt.toISOString() }),
    ...{ bytes, bytesRead, rows, refusedRows },
    ...{ products: created + changed + unchanged, created, changed, unchanged, errorCount }
  }
}
