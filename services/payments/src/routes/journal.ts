import { operations } from '@bulkhead/chassis/http'
import { pageOf } from '@bulkhead/chassis/mongo'
import type { Journal } from '../journal.ts'
import { getBalances, listJournal } from '../operations.ts'

export function journalRoutes(journal: Journal) {
  return operations()
    .handle(listJournal, async ({ query: { limit, cursor } }) => {
      const sort = { field: '_id', direction: 1 } as const
      const page = await pageOf(journal, { filter: {}, limit, cursor, sort, scope: 'journal' })
      const items = page.items.map(({ version, ...entry }) => ({ ...entry, at: entry.at.toISOString() }))
      return { status: 200, body: { ...page, items } }
    })
    .handle(getBalances, async () => ({ status: 200, body: { items: await journal.balances() } })).router
}
