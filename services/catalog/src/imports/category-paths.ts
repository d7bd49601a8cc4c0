import type { Trace } from '@bulkhead/chassis/contract'
import { type Clock, newId, Problem } from '@bulkhead/chassis/core'
import { categoryCreated } from '../categories/events.ts'
import { categoryName, MOST_LEVELS } from '../categories/schemas.ts'
import type { Categories } from '../categories/store.ts'

/** Finds categories by their paths from the top, such as `Home & Garden > Kitchen`, and creates missing ones. */
export type CategoryPaths = {
  /** Returns the category's ID. Returns undefined if the path has too many levels or a name that is not valid for a category. */
  idOf(path: string): Promise<string | undefined>
}

/** Maximum number of paths in memory. With this many, most products need no query. */
const MOST_REMEMBERED = 10_000

/**
 * Creates the category paths of one import. Each import needs its own, because the paths are remembered even when staff rename a category.
 */
export function categoryPaths(categories: Categories, clock: Clock, trace: Trace): CategoryPaths {
  const remembered = new Map<string, string[]>()

  /** Returns the IDs of the categories on a path, from the top down. */
  async function idsOf(names: string[]): Promise<string[]> {
    if (names.length === 0) return []
    const key = JSON.stringify(names)
    const known = remembered.get(key)
    if (known) return known
    const ancestors = await idsOf(names.slice(0, -1))
    const ids = [...ancestors, await findOrCreate(ancestors, names.at(-1)!)]
    if (remembered.size >= MOST_REMEMBERED) remembered.clear()
    remembered.set(key, ids)
    return ids
  }

  async function findOrCreate(ancestors: string[], name: string): Promise<string> {
    const parent = ancestors.at(-1)
    const find = () => categories.find({ name, parent: parent ?? { $exists: false } }).next()
    const present = await find()
    if (present) return present.id
    const category = { id: newId('cat', clock), name, parent, ancestors }
    try {
      return (await categories.insert(category, [categoryCreated], trace)).id
    } catch (error) {
      // Another request created the category in the meantime.
      const other = isConflict(error) && (await find())
      if (other) return other.id
      throw error
    }
  }

  return {
    async idOf(path) {
      const names = path.split('>').map(name => categoryName.safeParse({ name }).data?.name)
      const isPath = names.length <= MOST_LEVELS && names.every(name => name !== undefined)
      return isPath ? (await idsOf(names)).at(-1) : undefined
    }
  }
}

const isConflict = (error: unknown) => error instanceof Problem && error.status === 409
