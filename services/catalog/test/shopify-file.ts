import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readShopifyProducts, type ShopifyEntry } from '../src/shopify/reader.ts'

const names = ['Handle', 'Title', 'Option1 Name', 'Option1 Value', 'Variant SKU', 'Variant Price', 'Image Src', 'Tags']

/** The columns of most test files. */
export const header = names.join(',')

/** Reads all entries of a file from its chunks. */
export async function read(chunks: (string | Uint8Array)[], currency = 'EUR') {
  return allOf(readShopifyProducts(stream(chunks), { currency }))
}

export const readLines = (...lines: string[]) => read([lines.join('\n')])

export async function* stream(chunks: Iterable<string | Uint8Array>) {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

/** Cuts bytes at the given places, in any order. A place beyond the end is counted from 0 again. */
export function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const ends = [0, ...places.map(place => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  return ends.slice(1).map((end, index) => bytes.subarray(ends[index], end))
}

export async function allOf<T>(entries: AsyncIterable<T>) {
  const all: T[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

/** Returns the columns, which are the first entry of every file. */
export function columnsOf([first]: ShopifyEntry[]) {
  if (first?.kind !== 'columns') throw new Error('The columns are missing')
  return first
}

export const products = (entries: ShopifyEntry[]) => entries.filter(entry => entry.kind === 'product')
export const problems = (entries: ShopifyEntry[]) => entries.filter(entry => entry.kind === 'problem')
/** Returns the line and column of each problem in a file. */
export const placesOfProblems = (entries: ShopifyEntry[]) =>
  problems(entries).map(({ line, column }) => ({ line, column }))

/** Returns the path of a real shop's export, which the repository may not contain. Skips the test if the file is missing. */
export function realExport(test: Mocha.Context): string {
  const file = '../shared/data/shopify-products.csv'
  const path = join(import.meta.dirname, '../../..', file)
  if (existsSync(path)) return path
  console.log(`skipped: ${file} is missing`)
  return test.skip()
}
