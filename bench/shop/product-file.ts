import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const HEAD =
  'Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Variant Requires Shipping,Variant Taxable,Image Src,Image Position,Image Alt Text,Status'
const BODY = `"<p>${'A mug of stoneware, glazed blue, for 300 ml of what you ""like"". '.repeat(5)}</p>\n<ul><li>Safe</li></ul>"`
/** Every fifth product has two rows. The others have one row. */
const PRODUCTS_IN_A_TURN = 5
const ROWS_IN_A_TURN = 6

/**
 * Writes a product file in Shopify's format with `rows` rows, 1.2 for each product. The content is always the same. Resolves with the
 * number of products.
 */
export async function writeProductFile(file: string, rows: number): Promise<number> {
  const turns = Math.floor(rows / ROWS_IN_A_TURN)
  const single = rows - turns * ROWS_IN_A_TURN
  const products = turns * PRODUCTS_IN_A_TURN + single
  await pipeline(Readable.from(linesOf(products, turns)), createWriteStream(file))
  return products
}

function* linesOf(products: number, turns: number) {
  yield `${HEAD}\n`
  for (let number = 1; number <= products; number++) {
    yield productRow(number)
    const isLast = number % PRODUCTS_IN_A_TURN === 0 && number <= turns * PRODUCTS_IN_A_TURN
    if (isLast) yield `mug-${number},,,,,,,,Large,MUG-${number}-L,380,7,15.50,TRUE,TRUE,,,,\n`
  }
}

const productRow = (number: number) =>
  `mug-${number},Mug ${number},${BODY},Potters,Mug,"kitchen, blue, gift",TRUE,Size,Small,MUG-${number}-S,320,12,12.50,TRUE,TRUE,https://images.example/mug-${number}.jpg,1,Mug ${number} on a table,active\n`
