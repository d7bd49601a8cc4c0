import type { MongoClient } from 'mongodb'

/**
 * Replaces two Sets of the driver (7.9.0), of its open sessions and cursors, with lists. It gains more than 10 % of the row `catalog: GET
 * of one product: CPU` in docs/performance.md, because with Sets, V8 keeps half of the objects of each operation until the next full
 * garbage collection. A Set that grows creates a new table, and the old table keeps its items and points to the new one. Once one table is
 * in the old generation, all later tables move there too.
 */
export function keepActiveInLists(client: MongoClient) {
  const state = (client as unknown as { s: Record<'activeSessions' | 'activeCursors', ActiveList> }).s
  state.activeSessions = new ActiveList()
  state.activeCursors = new ActiveList()
}

const PLACE = Symbol('place')
type Placed = { [PLACE]?: number | undefined }

/** Has the methods of a Set that the driver uses. Each item knows its place; when an item leaves, the last item takes its place. */
class ActiveList {
  private items: Placed[] = []

  add(item: Placed) {
    if (item[PLACE] === undefined) item[PLACE] = this.items.push(item) - 1
  }

  delete(item: Placed) {
    const place = item[PLACE]
    if (place === undefined) return
    const last = this.items.pop()!
    item[PLACE] = undefined
    if (last === item) return
    this.items[place] = last
    last[PLACE] = place
  }

  clear() {
    for (const item of this.items) item[PLACE] = undefined
    this.items = []
  }

  /** Iterates over a copy, because items leave the list as they are closed. */
  [Symbol.iterator]() {
    return this.items.slice().values()
  }
}
