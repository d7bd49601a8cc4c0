import { LONGEST_ATTRIBUTE } from '../products/limits.ts'
import { type Column, type Columns, ruleOf } from './columns.ts'
import type { FileRecord } from './records.ts'

/** Thrown for a cell that is refused together with its row. */
export class BadCell extends Error {
  override readonly name = 'BadCell'
  /** The column's name in the file, or a `Column`. */
  readonly column: string

  constructor(column: string, reason: string) {
    super(reason)
    this.column = column
  }
}

/** One row. `line` is the line in the file where the row starts, counted from 1. */
export type Row = { line: number; bytes: number; cells: string[]; columns: Columns }

/** Checks a whole row. Throws `BadCell` for wrong quotes, a wrong number of cells, and a cell that is not text in UTF-8. */
export function readRow(columns: Columns, { line, bytes, cells, fault }: FileRecord): Row {
  const { names } = columns
  if (fault) throw new BadCell(names[fault.place] ?? `column ${fault.place + 1}`, fault.reason)
  if (cells.length !== names.length)
    throw new BadCell(
      names[cells.length] ?? `column ${names.length + 1}`,
      `the row has ${cells.length} cells, not ${names.length}`
    )
  const place = cells.findIndex(cell => cell.includes('\ufffd') || cell.includes('\0'))
  if (place >= 0) throw new BadCell(names[place]!, cells[place]!.includes('\0') ? 'holds a NUL byte' : 'is not UTF-8')
  return { line, bytes, cells, columns }
}

/** Returns true for a row without any text. Spreadsheets leave such rows behind. */
export const isEmpty = ({ cells, fault }: FileRecord) => !fault && cells.every(cell => cell === '')

/** Returns the text of a cell, or '' if the file has no such column. Throws `BadCell` if the text is too long or starts like a formula. */
export function rawCellOf({ cells, columns }: Row, column: Column): string {
  const place = columns.places.get(column)
  const text = place === undefined ? '' : cells[place]!
  if (text === '') return text
  const { holds, longest } = ruleOf(column)
  if (text.length > longest) throw new BadCell(column, `is longer than ${longest} characters`)
  if (holds !== 'value') refuseFormula(column, text, holds)
  return text
}

/** Returns the trimmed text of a cell. Throws `BadCell` like `rawCellOf`. */
export const cellOf = (row: Row, column: Column) => rawCellOf(row, column).trim()

/** Reads the Google Shopping and metafield cells that are not empty. Throws `BadCell` like `rawCellOf`. */
export function readAttributes({ cells, columns }: Row): Record<string, string> {
  const filled = columns.attributes.flatMap(({ key, place }) => {
    const text = cells[place]!.trim()
    if (text.length > LONGEST_ATTRIBUTE)
      throw new BadCell(columns.names[place]!, `is longer than ${LONGEST_ATTRIBUTE} characters`)
    refuseFormula(columns.names[place]!, text, 'prose')
    return text === '' ? [] : [[key, text] as const]
  })
  return Object.fromEntries(filled)
}

/** Throws `BadCell` for text that a spreadsheet may run. Prose may start with a sign and a digit, because it can be `-10 °C`. */
export function refuseFormula(column: string, text: string, holds: keyof typeof formulaStart) {
  if (formulaStart[holds].test(text)) throw new BadCell(column, 'starts like a formula')
}

/**
 * The first characters of formulas, as OWASP lists them under "CSV Injection". Spreadsheets do not run a number with its unit, such as -10
 * °C.
 */
const formulaStart = {
  name: /^(?:[\t\r]|\s*(?:[=@]|[+-](?!\d[\d.,]*\s?[\p{L}°%]{0,9}$)))/u,
  prose: /^\s*(?:[=@]|[+-][^\s\d])/
}
