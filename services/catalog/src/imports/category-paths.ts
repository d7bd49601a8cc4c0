import type { Trace } from '@bulkhead/chassis/contract'
import { type Clock, newId, Problem } from '@bulkhead/chassis/core'
import { categoryCreated } from '../categories/events.ts'
import { categoryName, MOST_LEVELS } from '../categories/schemas.ts'
import type { Categories } from '../categories/store.ts'

export type CategoryPaths = ReturnType<typeof categoryPaths>

/** Paths remembered at a time: no more queries for most products. */
const MOST_REMEMBERED = 10_000

/**
 * Finds or makes categories by their paths from the top, such as `Home & Garden > Kitchen`. For one import: it remembers the
 * paths, and would not notice that staff renamed a category.
 */
export function categoryPaths(categories: Categories, clock: Clock, trace: Trace) {
  const remembered = new Map<string, string[]>()

  /** The IDs from the top down of the category at a path and those above it. */
  async function lineOf(names: string[]): Promise<string[]> {
    if (names.length === 0) return []
    const key = JSON.stringify(names)
    const known = remembered.get(key)
    if (known) return known
    const ancestors = await lineOf(names.slice(0, -1))
    const line = [...ancestors, await childOf(ancestors, names.at(-1)!)]
    if (remembered.size >= MOST_REMEMBERED) remembered.clear()
    remembered.set(key, line)
    return line
  }

  async function childOf(ancestors: string[], name: string): Promise<string> {
    const parent = ancestors.at(-1)
    const find = () => categories.find({ name, parent: parent ?? { $exists: false } }).next()
    const present = await find()
    if (present) return present.id
    const category = { id: newId('cat', clock), name, ...(parent && { parent }), ancestors }
    try {
      return (await categories.insert(category, [categoryCreated], trace)).id
    } catch (error) {
      const other = isTaken(error) && (await find())
      if (other) return other.id
      throw error
    }
  }

  return {
    /** The category's ID; undefined for a path that is none: too deep, or with a name that no category may have. */
    async idOf(path: string): Promise<string | undefined> {
      const names = path.split('>').map(name => categoryName.safeParse({ name }).data?.name)
      const isPath = names.length <= MOST_LEVELS && names.every(name => name !== undefined)
      return isPath ? (await lineOf(names)).at(-1) : undefined
    }
  }
}

const isTaken = (error: unknown) => error instanceof Problem && error.status === 409
