import type { Column } from '../shopify/columns.ts'

/** Which columns a file has, by `Column` or the key of an attribute. */
export type ColumnSet = Pick<ReadonlySet<string>, 'has'>

/**
 * `before` with the fields that a file says. `columnOf` has the column of each field that a file may lack or leave empty: without the
 * column the field keeps its value, with an empty cell it is gone. All other fields of `before` keep theirs, those of later releases
 * too, unless `fields` has them.
 */
export function withKept<B extends object, F extends object>(
  before: B,
  fields: F,
  columnOf: Record<string, Column>,
  columns: ColumnSet
): Omit<B, keyof F> & F {
  const hasColumn = (name: string) => Object.hasOwn(columnOf, name) && columns.has(columnOf[name]!)
  const lacksColumn = (name: string) => Object.hasOwn(columnOf, name) && !columns.has(columnOf[name]!)
  const kept = Object.entries(before).filter(([name]) => !hasColumn(name))
  const said = Object.entries(fields).filter(([name]) => !(lacksColumn(name) && Object.hasOwn(before, name)))
  return Object.fromEntries([...kept, ...said]) as Omit<B, keyof F> & F
}
