import { operations } from '@bulkhead/chassis/http'
import { pageOf } from '@bulkhead/chassis/mongo'
import { getBalances, listJournal } from '../payments/operations.ts'
import type { Journal } from './store.ts'

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
