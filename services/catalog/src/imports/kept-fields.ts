import type { Column } from '../shopify/columns.ts'

/** The columns that a file has, by `Column` or the key of an attribute. */
export type ColumnSet = Pick<ReadonlySet<string>, 'has'>

/**
 * Returns `before` with the fields of a file. `columnOf` has the column of each field that a file can lack or leave empty. A field keeps
 * its value if its column is missing; an empty cell removes the field. Fields that only `before` has stay, including fields of later
 * releases.
 */
export function keepFields<B extends object, F extends object>(
  before: B,
  fields: F,
  columnOf: Record<string, Column>,
  columns: ColumnSet
): Omit<B, keyof F> & F {
  const hasColumn = (name: string) => Object.hasOwn(columnOf, name) && columns.has(columnOf[name]!)
  const lacksColumn = (name: string) => Object.hasOwn(columnOf, name) && !columns.has(columnOf[name]!)
  const kept = Object.entries(before).filter(([name]) => !hasColumn(name))
  const read = Object.entries(fields).filter(([name]) => !(lacksColumn(name) && Object.hasOwn(before, name)))
  return Object.fromEntries([...kept, ...read]) as Omit<B, keyof F> & F
}
