import assert from 'node:assert/strict'
import { readShopifyProducts } from '../src/shopify/reader.ts'
import { UnreadableFile } from '../src/shopify/records.ts'
import { header, placesOfProblems, problems, products, read, readLines, stream } from './shopify-file.ts'

const mug = 'mug,Mug,Title,Default Title,M-1,5.00,,'
const long = (length: number) => 'c'.repeat(length)

describe("the reader of Shopify's product CSV", () => {
  const badRows: [string, string, string][] = [
    ['too few cells', 'cup,Cup', 'Option1 Name'],
    ['too many cells', 'cup,Cup,,,,5,,,', 'column 9'],
    ['a quoted cell that continues after its closing quote', 'cup,"C"up,,,,5,,', 'Title'],
    ['a quoted Handle that continues after its closing quote', '"c"up,Cup,,,,5,,', 'Handle'],
    ['a NUL byte', 'cup,C\0p,,,,5,,', 'Title'],
    ['a missing Handle', ',Cup,,,,5,,', 'Handle'],
    ['a Handle with a space', 'a cup,Cup,,,,5,,', 'Handle'],
    ['a Handle with a slash', '../cup,Cup,,,,5,,', 'Handle'],
    ['a Handle that is only a hyphen', '-,Cup,,,,5,,', 'Handle'],
    ['a missing Title', 'cup,,,,,5,,', 'Title'],
    ['a formula as Handle', '=cup,Cup,,,,5,,', 'Handle'],
    ['a formula as Title', '"cup","=HYPERLINK(""x"")",,,,5,,', 'Title'],
    ['a plus before a Title', 'cup,+Cup,,,,5,,', 'Title'],
    ['a tab before a Title', 'cup,\tCup,,,,5,,', 'Title'],
    ['a formula after a space', 'cup, -2+3,,,,5,,', 'Title'],
    ['a formula as SKU', 'cup,Cup,,,@S,5,,', 'Variant SKU'],
    ['a formula as option value', 'cup,Cup,Size,=1,,5,,', 'Option1 Value'],
    ['a formula as a tag', 'cup,Cup,,,,5,,"red, -A1"', 'Tags'],
    ['a tag that is too long', `cup,Cup,,,,5,,${long(256)}`, 'Tags'],
    ['251 tags', `cup,Cup,,,,5,,"${Array.from({ length: 251 }, (_, tag) => tag)}"`, 'Tags'],
    ['a negative price', 'cup,Cup,,,,-5,,', 'Variant Price'],
    ['a price with too many decimals', 'cup,Cup,,,,5.001,,', 'Variant Price'],
    ['a price with German thousands', 'cup,Cup,,,,1.290,,', 'Variant Price'],
    ['a price with German thousands and three zeros', 'cup,Cup,,,,1.000,,', 'Variant Price'],
    ['a price with a third decimal of zero', 'cup,Cup,,,,12.500,,', 'Variant Price'],
    ['a price with English thousands', 'cup,Cup,,,,"1,290.00",,', 'Variant Price'],
    ['a price that is not a number', 'cup,Cup,,,,5e1,,', 'Variant Price'],
    ['a price that is too high', 'cup,Cup,,,,99999999999.99,,', 'Variant Price'],
    ['a missing price', 'cup,Cup,,,S,,,', 'Variant Price'],
    ['a missing variant', 'cup,Cup,,,,,,', 'Variant Price'],
    ['a Handle that is too long', `${long(256)},Cup,,,,5,,`, 'Handle'],
    ['a Title that is too long', `cup,${long(256)},,,,5,,`, 'Title'],
    ['an option value without a name', 'cup,Cup,,Red,,5,,', 'Option1 Name'],
    ['an option named __proto__', 'cup,Cup,__proto__,Red,,5,,', 'Option1 Name'],
    ['a script as image', 'cup,Cup,,,,5,javascript:x,', 'Image Src'],
    ['a script as image that is hidden by a line break', 'cup,Cup,,,,5,"java\nscript:x",', 'Image Src'],
    ['an image inside its URL', 'cup,Cup,,,,5,"data:image/png;base64,",', 'Image Src']
  ]
  for (const [name, row, column] of badRows)
    it(`names the line and column of ${name}, and reads the good rows`, async () => {
      const entries = await readLines(header, mug, row, 'jug,Jug,,,J-1,7,,')
      assert.deepEqual(
        products(entries).map(({ product }) => product.handle),
        ['mug', 'jug']
      )
      assert.deepEqual(placesOfProblems(entries), [{ line: 3, column }])
    })

  const badNumbers: [string, string][] = [
    ['Variant Inventory Qty', '1.5'],
    ['Variant Inventory Qty', '=1'],
    ['Variant Grams', '-1'],
    ['Variant Grams', 'a pound'],
    ['Variant Compare At Price', '5,50'],
    ['Variant Compare At Price', '1.290'],
    ['Variant Inventory Qty', '1.290'],
    ['Variant Inventory Qty', '1.000'],
    ['Variant Inventory Qty', '1,290'],
    ['Image Position', '1.000'],
    ['Variant Taxable', 'maybe'],
    ['Published', 'x'],
    ['Status', 'gone'],
    ['Image Position', '0']
  ]
  for (const [column, text] of badNumbers)
    it(`names the line and column of the invalid value ${text} in ${column}`, async () => {
      const lines = [`Handle,Title,Variant Price,Image Src,${column}`, `cup,Cup,5,a.jpg,"${text}"`, 'mug,Mug,5,b.jpg,']
      const entries = await readLines(...lines)
      assert.deepEqual(placesOfProblems(entries), [{ line: 2, column }])
      assert.equal(products(entries)[0]?.product.handle, 'mug')
    })

  it('names columns by their names in the file', async () => {
    assert.deepEqual(placesOfProblems(await readLines('url handle,Title,PRICE', 'cup,Cup,x')), [
      { line: 2, column: 'PRICE' }
    ])
  })

  it('names the line of bytes that are not UTF-8, and reads signed numbers', async () => {
    const text = 'Handle,Title,Variant Price,Variant Inventory Qty\njug,J\xfcg,5,1\nmug,Mug,+5,-2\ncup,-10 C,5,+2\n'
    const entries = await read([Buffer.from(text, 'latin1')])
    assert.deepEqual(placesOfProblems(entries), [{ line: 2, column: 'Title' }])
    assert.deepEqual(
      products(entries).map(({ stock }) => stock[0]?.quantity),
      [-2, 2]
    )
  })

  it('uses the option names of the first row, and refuses rows with other option names', async () => {
    const options = 'Option1 Name,Option1 Value,Option2 Name,Option2 Value'
    const entries = await readLines(
      `Handle,Title,Variant Price,${options}`,
      'mug,Mug,5,Size,S,Colour,Red',
      'mug,,5,Size,M,,Blue',
      'mug,,5,Colour,M,Size,Red',
      'mug,,5,,L,,'
    )
    assert.deepEqual(products(entries)[0]?.product.options, [
      { name: 'Size', values: ['S', 'M'] },
      { name: 'Colour', values: ['Red', 'Blue'] }
    ])
    assert.deepEqual(placesOfProblems(entries), [
      { line: 4, column: 'Option1 Name' },
      { line: 5, column: 'Option2 Value' }
    ])
  })

  it('refuses a variant with the SKU or the options of an earlier variant', async () => {
    const lines = ['mug,Mug,Size,S,A,5,,', 'mug,,,M,A,5,,', 'mug,,,S,B,5,,', 'mug,,,,C,5,,', 'mug,,,L,D,5,,']
    const entries = await readLines(header, ...lines)
    assert.deepEqual(
      problems(entries).map(({ line, column, handle }) => ({ line, column, handle })),
      [
        { line: 3, column: 'Variant SKU', handle: 'mug' },
        { line: 4, column: 'Option1 Value', handle: 'mug' },
        { line: 5, column: 'Option1 Value', handle: 'mug' }
      ]
    )
    assert.deepEqual(products(entries)[0]?.product.options, [{ name: 'Size', values: ['S', 'L'] }])
  })

  it('refuses a row with a quantity or a barcode but no price', async () => {
    const entries = await readLines(
      'Handle,Title,Variant SKU,Variant Price,Variant Barcode,Variant Inventory Qty',
      'mug,Mug,M-1,5,,3',
      'mug,,,,,7',
      'mug,,,,123,'
    )
    assert.deepEqual(
      problems(entries).map(({ line, column, reason }) => ({ line, column, reason })),
      [
        { line: 3, column: 'Variant Price', reason: 'is missing' },
        { line: 4, column: 'Variant Price', reason: 'is missing' }
      ]
    )
  })

  it('reads 2,048 variants of a product, and refuses each further row', async () => {
    const rows = Array.from({ length: 2050 }, (_, number) => `mug,Mug,Size,${number},,5,,`)
    const entries = await readLines(header, ...rows)
    assert.equal(products(entries)[0]?.product.variants.length, 2048)
    assert.deepEqual(placesOfProblems(entries), [
      { line: 2050, column: 'Handle' },
      { line: 2051, column: 'Handle' }
    ])
  })

  it('reads 250 images and 4 MiB of a product', async () => {
    const images = Array.from({ length: 251 }, (_, number) => `mug,,,,,,${number}.jpg,`)
    const ofImages = await readLines(header, mug, ...images)
    assert.equal(products(ofImages)[0]?.product.media.length, 250)
    assert.deepEqual(placesOfProblems(ofImages), [{ line: 253, column: 'Image Src' }])
    const rows = ['L', 'M', 'S', 'XL', 'XS'].map(size => `mug,Mug,Size,${size},5,${long(1e6)}`)
    const ofBytes = await readLines('Handle,Title,Option1 Name,Option1 Value,Variant Price,Other', ...rows)
    assert.equal(products(ofBytes)[0]?.rows, 4)
    assert.deepEqual(placesOfProblems(ofBytes), [{ line: 6, column: 'Handle' }])
  })

  it('skips empty rows, and accounts for each other row once', async () => {
    const entries = await readLines(header, mug, ',,,,,,,', 'mug,,,,,,a.jpg,', 'cup,,,,,,b.jpg,', 'jug,Jug,,,,,c.jpg,')
    assert.deepEqual(
      entries.flatMap(entry => (entry.kind === 'columns' ? [] : [{ kind: entry.kind, rows: entry.rows }])),
      [
        { kind: 'product', rows: 2 },
        { kind: 'problem', rows: 1 },
        { kind: 'problem', rows: 1 }
      ]
    )
  })

  it('refuses every row of a product whose first row is refused', async () => {
    const entries = await readLines(header, 'cup,Cup,Size,S,,x,,', 'cup,,,M,,5,,', mug)
    assert.deepEqual(placesOfProblems(entries), [
      { line: 2, column: 'Variant Price' },
      { line: 3, column: 'Handle' }
    ])
    assert.equal(products(entries).length, 1)
  })

  it('refuses a Handle that occurs again after another Handle, in any case', async () => {
    const entries = await readLines(header, mug, 'cup,Cup,Size,S,,5,,', 'MUG,Mug,,,,5,,', 'Cup,,,M,,5,,')
    assert.deepEqual(
      problems(entries).map(({ line, column, handle }) => ({ line, column, handle })),
      [{ line: 4, column: 'Handle', handle: 'mug' }]
    )
    assert.equal(products(entries)[1]?.rows, 2)
  })

  it('marks products whose rows were refused or may have been refused', async () => {
    const rows = [
      mug,
      ',?,,,,5,,',
      'cup,Cup,Size,S,,5,,',
      'cup,,,M,,5,,',
      'jug,Jug,Size,S,,5,,',
      'jug,,,M,,x,,',
      'pot,Pot,,,,5,,'
    ]
    const entries = await readLines(header, ...rows, 'cup,,,L,,5,,')
    assert.deepEqual(
      products(entries).map(({ product, isPartial }) => ({ handle: product.handle, isPartial })),
      [
        { handle: 'mug', isPartial: true },
        { handle: 'cup', isPartial: true },
        { handle: 'jug', isPartial: true },
        { handle: 'pot', isPartial: false }
      ]
    )
  })

  it('yields the products before a quote that is never closed, and then the line of the quote', async () => {
    const taken: string[] = []
    const reading = async () => {
      const file = stream([`${header}\n${mug}\njug,Jug,,,,5,,\ncup,"Cup\n\n`])
      for await (const entry of readShopifyProducts(file, { currency: 'EUR' })) taken.push(entry.kind)
    }
    await assert.rejects(reading, error => error instanceof UnreadableFile && error.line === 4)
    assert.deepEqual(taken, ['columns', 'product'])
  })
})
