import type { Money } from '@bulkhead/chassis/core'
import { canonicalHandle, HANDLE, isImageAddress } from '../products/formats.ts'
import type { Column } from './columns.ts'
import { BadCell, cellOf, type Row } from './rows.ts'

/** Reads the Handle in its stored form. Throws `BadCell` for characters that Shopify itself would replace by hyphens. */
export function readHandle(row: Row): string {
  const handle = canonicalHandle(cellOf(row, 'Handle'))
  if (!handle) throw new BadCell('Handle', 'is missing')
  if (!HANDLE.test(handle)) throw new BadCell('Handle', 'has other characters than letters, digits, - and _')
  return handle
}

type Filled<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], '' | undefined> }

/** Returns the fields whose value is neither undefined nor empty text, the value of an empty cell. */
export const filledFields = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  ) as Filled<Fields>

/** Reads a price. Returns undefined for an empty cell. Throws `BadCell`. */
export function readPrice(row: Row, column: Column, parsePrice: (text: string) => Money): Money | undefined {
  const text = cellOf(row, column)
  try {
    return text === '' ? undefined : parsePrice(text)
  } catch (error) {
    if (error instanceof RangeError) throw new BadCell(column, error.message)
    throw error
  }
}

/**
 * Reads a whole number. Returns undefined for an empty cell. The number can be negative, because Shopify can oversell. Throws `BadCell`.
 */
export function readInteger(row: Row, column: Column): number | undefined {
  const text = cellOf(row, column)
  if (text === '') return undefined
  if (!/^[+-]?\d{1,9}$/.test(text)) throw new BadCell(column, 'is not a whole number of at most 9 digits')
  return Number(text)
}

/** Reads TRUE or FALSE, in any case. Returns undefined for an empty cell. Throws `BadCell`. */
export function readBoolean(row: Row, column: Column): boolean | undefined {
  const text = cellOf(row, column).toLowerCase()
  if (text === '') return undefined
  if (text !== 'true' && text !== 'false') throw new BadCell(column, 'is neither TRUE nor FALSE')
  return text === 'true'
}

/** Reads grams and rounds them, because Shopify converts from pounds. Returns undefined for an empty cell. Throws `BadCell`. */
export function readGrams(row: Row): number | undefined {
  const text = cellOf(row, 'Variant Grams')
  if (text === '') return undefined
  if (!/^\d{1,9}(\.\d+)?$/.test(text)) throw new BadCell('Variant Grams', 'is not a weight in grams')
  return Math.round(Number(text))
}

/** Reads the URL of an image. Returns '' for an empty cell. Throws `BadCell`. */
export function readImageAddress(row: Row, column: 'Image Src' | 'Variant Image'): string {
  const text = cellOf(row, column)
  if (text === '') return text
  if (!isImageAddress(text)) throw new BadCell(column, 'is not the address of an image')
  return text
}
