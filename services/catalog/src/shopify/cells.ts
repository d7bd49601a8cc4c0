import type { Money } from '@bulkhead/chassis/core'
import { canonicalHandle, HANDLE, isImageAddress } from '../products/formats.ts'
import type { Column } from './columns.ts'
import { BadCell, cellOf, type Row } from './rows.ts'

/** The Handle as it is kept. Shopify makes other characters hyphens itself. Throws `BadCell`. */
export function handleOf(row: Row): string {
  const handle = canonicalHandle(cellOf(row, 'Handle'))
  if (!handle) throw new BadCell('Handle', 'is missing')
  if (!HANDLE.test(handle)) throw new BadCell('Handle', 'has other characters than letters, digits, - and _')
  return handle
}

/** A cell's price, or undefined when it is empty. Throws `BadCell` saying why it can't be one. */
export function priceOf(row: Row, column: Column, readPrice: (text: string) => Money): Money | undefined {
  const text = cellOf(row, column)
  try {
    return text === '' ? undefined : readPrice(text)
  } catch (error) {
    if (error instanceof RangeError) throw new BadCell(column, error.message)
    throw error
  }
}

/** A whole number, which may be negative (Shopify oversells), or undefined when empty. Throws `BadCell`. */
export function integerOf(row: Row, column: Column): number | undefined {
  const text = cellOf(row, column)
  if (text === '') return undefined
  if (!/^[+-]?\d{1,9}$/.test(text)) throw new BadCell(column, 'is not a whole number of at most 9 digits')
  return Number(text)
}

/** TRUE or FALSE in any case, undefined when empty. Throws `BadCell`. */
export function booleanOf(row: Row, column: Column): boolean | undefined {
  const text = cellOf(row, column).toLowerCase()
  if (text === '') return undefined
  if (text !== 'true' && text !== 'false') throw new BadCell(column, 'is neither TRUE nor FALSE')
  return text === 'true'
}

/** Grams to the nearest whole one (Shopify converts from pounds), or undefined when empty. Throws `BadCell`. */
export function gramsOf(row: Row): number | undefined {
  const text = cellOf(row, 'Variant Grams')
  if (text === '') return undefined
  if (!/^\d{1,9}(\.\d+)?$/.test(text)) throw new BadCell('Variant Grams', 'is not a weight in grams')
  return Math.round(Number(text))
}

/** The address of an image, on the web or relative to where ours are kept, or '' when empty. Throws `BadCell`. */
export function imageAddressOf(row: Row, column: 'Image Src' | 'Variant Image'): string {
  const text = cellOf(row, column)
  if (text === '') return text
  if (!isImageAddress(text)) throw new BadCell(column, 'is not the address of an image')
  return text
}
