import type { Column } from '../shopify/columns.ts'

/** `fields` with those of `before` whose columns the file lacks, in place of what the reader made of the lack. */
export function withKept<T extends object>(
  fields: T,
  before: object,
  columnOf: Record<string, Column>,
  columns: ReadonlySet<string>
): T {
  const kept = Object.entries(before).filter(([name]) => Object.hasOwn(columnOf, name) && !columns.has(columnOf[name]!))
  return { ...fields, ...Object.fromEntries(kept) }
}
