import { LONGEST_ATTRIBUTE } from '../products/limits.ts'
import { type Column, type Columns, ruleOf } from './columns.ts'
import type { FileRecord } from './records.ts'

/** A cell that can't be taken, and with it its row. `column` is its name in the file, or a `Column`. */
export class BadCell extends Error {
  override readonly name = 'BadCell'
  readonly column: string

  constructor(column: string, reason: string) {
    super(reason)
    this.column = column
  }
}

/** One row; `line` is where it starts in the file, from 1. */
export type Row = { line: number; bytes: number; cells: string[]; columns: Columns }

/** Checks a row as a whole. Throws `BadCell` for wrong quotes, a wrong number of cells, and a cell that is no text in UTF-8. */
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

/** Whether a spreadsheet left the row behind with nothing in it. */
export const isEmpty = ({ cells, fault }: FileRecord) => !fault && cells.every(cell => cell === '')

/** A cell as it came; '' for a column the file lacks. Throws `BadCell` if it is too long or starts like a formula. */
export function rawCellOf({ cells, columns }: Row, column: Column): string {
  const place = columns.places.get(column)
  const text = place === undefined ? '' : cells[place]!
  if (text === '') return text
  const { holds, longest } = ruleOf(column)
  if (text.length > longest) throw new BadCell(column, `is longer than ${longest} characters`)
  if (holds !== 'value') refuseFormula(column, text, holds)
  return text
}

/** The same without outer white space. */
export const cellOf = (row: Row, column: Column) => rawCellOf(row, column).trim()

/** The Google Shopping and metafield cells that are not empty. Throws `BadCell` like `rawCellOf`. */
export function attributesOf({ cells, columns }: Row): Record<string, string> {
  const filled = columns.attributes.flatMap(({ key, place }) => {
    const text = cells[place]!.trim()
    if (text.length > LONGEST_ATTRIBUTE)
      throw new BadCell(columns.names[place]!, `is longer than ${LONGEST_ATTRIBUTE} characters`)
    refuseFormula(columns.names[place]!, text, 'prose')
    return text === '' ? [] : [[key, text] as const]
  })
  return Object.fromEntries(filled)
}

/** Throws `BadCell` for a text that a spreadsheet may run. Prose that starts with a sign and a digit is let through: it may be `-10 °C`. */
export function refuseFormula(column: string, text: string, holds: keyof typeof formulaStart) {
  if (formulaStart[holds].test(text)) throw new BadCell(column, 'starts like a formula')
}

/** The characters that OWASP names under "CSV Injection". A number with its unit, such as -10 °C, runs nothing. */
const formulaStart = {
  name: /^(?:[\t\r]|\s*(?:[=@]|[+-](?!\d[\d.,]*\s?[\p{L}°%]{0,9}$)))/u,
  prose: /^\s*(?:[=@]|[+-][^\s\d])/
}
