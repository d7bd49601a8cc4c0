import type { Books } from '../../faults/audit/books.ts'

/**
 * Returns the entries of the books that are new since `before`, because an installation may have had other clients. Leaves out stock that
 * this shop did not add.
 */
export function newEntriesSince(before: Books, now: Books): Books {
  const added = <T>(all: T[], known: T[], id: (each: T) => string) => {
    const ids = new Set(known.map(id))
    return all.filter(each => !ids.has(id(each)))
  }
  return {
    acknowledged: now.acknowledged,
    orders: added(now.orders, before.orders, ({ id }) => id),
    reservations: added(now.reservations, before.reservations, ({ orderId }) => orderId),
    stock: now.stock.filter(({ sku }) => sku in now.shelved),
    shelved: now.shelved,
    payments: added(now.payments, before.payments, ({ id }) => id),
    journal: added(now.journal, before.journal, ({ id }) => id),
    provider: added(now.provider, before.provider, ({ id }) => id),
    deadLetters: Object.fromEntries(
      Object.entries(now.deadLetters).map(([name, count]) => [name, count - (before.deadLetters[name] ?? 0)])
    )
  }
}
