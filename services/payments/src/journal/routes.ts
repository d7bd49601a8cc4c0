import { operations } from '@bulkhead/chassis/http'
import { getBalances, listJournal } from './operations.ts'
import type { JournalStore } from './store.ts'

export function journalRoutes(journal: JournalStore) {
  return operations()
    .handle(listJournal, async ({ query: { limit, cursor } }) => ({
      status: 200,
      body: await journal.page(limit, cursor)
    }))
    .handle(getBalances, async () => ({ status: 200, body: { items: await journal.balances() } })).router
}
