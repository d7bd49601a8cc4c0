import { MOST_MEDIA } from '../limits.ts'
import { imageAddressOf, integerOf } from './cells.ts'
import { BadCell, cellOf, type Row } from './rows.ts'

export type ImportedMedium = { url: string; position: number; alt?: string }

/** A row's image, or undefined where it has none or one that the product has already. Throws `BadCell`. */
export function imageOf(row: Row, media: ImportedMedium[]): ImportedMedium | undefined {
  const url = imageAddressOf(row, 'Image Src')
  if (!url || media.some(medium => medium.url === url)) return undefined
  if (media.length === MOST_MEDIA) throw new BadCell('Image Src', `the product has more than ${MOST_MEDIA} images`)
  const position = integerOf(row, 'Image Position') ?? media.length + 1
  if (position < 1) throw new BadCell('Image Position', 'is less than 1')
  const alt = cellOf(row, 'Image Alt Text')
  return { url, position, ...(alt && { alt }) }
}
