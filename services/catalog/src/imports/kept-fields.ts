import type { Column } from '../shopify/columns.ts'

/** Which columns a file has, by `Column` or the key of an attribute. */
export type ColumnSet = Pick<ReadonlySet<string>, 'has'>

/** `fields` with those of `before` whose columns the file lacks, in place of what the reader made of the lack. */
export function withKept<T extends object>(
  fields: T,
  before: object,
  columnOf: Record<string, Column>,
  columns: ColumnSet
): T {
  const kept = Object.entries(before).filter(([name]) => Object.hasOwn(columnOf, name) && !columns.has(columnOf[name]!))
  return { ...fields, ...Object.fromEntries(kept) }
}
