import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readRecords, UnreadableFile } from '../src/shopify/records.ts'
import { allOf, cut, stream } from './shopify-file.ts'

const records = (...chunks: (string | Uint8Array)[]) => allOf(readRecords(stream(chunks)))
const rows = async (text: string) => (await records(text)).map(({ line, cells }) => ({ line, cells }))

const cell = fc.record({
  text: fc.string({ unit: fc.oneof(fc.constantFrom(',', '"', '\n', '\r', ' '), fc.string({ unit: 'binary' })) }),
  isQuoted: fc.boolean()
})
/** A file to write: its rows, its encoding and its cuts. */
const file = fc.record({
  rows: fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
  mark: fc.constantFrom('', '\ufeff'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  places: fc.array(fc.nat(), { maxLength: 12 })
})

/** Returns a cell as it is written in a file. */
const written = ({ text, isQuoted }: { text: string; isQuoted: boolean }) =>
  isQuoted || /[",\n\r\ufeff]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

describe('the rows of a CSV file', () => {
  it('have the line where they start, even with quoted line breaks, blank lines and all kinds of line ends', async () => {
    assert.deepEqual(await rows('a,"b\r\nc\nd\re"\r\n\r\nf,g\n\nh,\ri'), [
      { line: 1, cells: ['a', 'b\r\nc\nd\re'] },
      { line: 6, cells: ['f', 'g'] },
      { line: 8, cells: ['h', ''] },
      { line: 9, cells: ['i'] }
    ])
  })

  it('start after the byte order mark of the file, and keep a later mark', async () => {
    assert.deepEqual(await rows('\ufeff"a, b",c\n"\ufeffd",e'), [
      { line: 1, cells: ['a, b', 'c'] },
      { line: 2, cells: ['\ufeffd', 'e'] }
    ])
    assert.deepEqual(await rows('\ufeffa,b'), [{ line: 1, cells: ['a', 'b'] }])
    assert.deepEqual(await rows('\ufeff'), [])
  })

  it('read doubled quotes as one, and keep a quote in an unquoted cell', async () => {
    assert.deepEqual(await rows('"say ""hi""","",5" nail,""""'), [{ line: 1, cells: ['say "hi"', '', '5" nail', '"'] }])
  })

  it('stay readable after a row whose cell continues after its closing quote', async () => {
    const all = await records('a,b\n"c"d,"e\n', 'f,"g\nh"i,"j"\nk,l\n')
    assert.deepEqual(
      all.map(({ line, cells, fault }) => (fault ? { line, faultAt: fault.place } : { line, cells })),
      [
        { line: 1, cells: ['a', 'b'] },
        { line: 2, faultAt: 0 },
        { line: 3, faultAt: 1 },
        { line: 5, cells: ['k', 'l'] }
      ]
    )
    assert.match(all[2]?.fault?.reason ?? '', /closing quote \(it opens on line 3\)/)
  })

  it('have U+FFFD in place of bytes that are not UTF-8', async () => {
    assert.deepEqual((await records(Buffer.from('J\xfcg,a\n', 'latin1')))[0]?.cells, ['J\ufffdg', 'a'])
  })

  it('end with the line of a quote that is never closed, after the rows before it', async () => {
    const taken: string[][] = []
    const reading = async () => {
      for await (const { cells } of readRecords(stream(['a,b\nc,"d\ne"\nf,\n"g\nh,i\n']))) taken.push(cells)
    }
    await assert.rejects(reading, error => error instanceof UnreadableFile && error.line === 5)
    assert.deepEqual(taken, [
      ['a', 'b'],
      ['c', 'd\ne'],
      ['f', '']
    ])
  })

  it('can have at most 1 MiB, in any number of cells and chunks', async () => {
    const most = 1024 * 1024
    for (const character of ['x', ','])
      for (const size of [most, 1000]) {
        const fit = Buffer.from(`${character.repeat(most - 1)}\n`)
        const chunks = Array.from({ length: Math.ceil(fit.length / size) }, (_, index) =>
          fit.subarray(index * size, (index + 1) * size)
        )
        assert.equal((await records('a\n', ...chunks)).length, 2)
        const isTooLarge = (error: unknown) => error instanceof UnreadableFile && error.line === 2
        await assert.rejects(records('a\n', character, ...chunks), isTooLarge)
      }
  })

  it('end after 1 MiB of a line of 1 GB', async () => {
    let sent = 0
    async function* line() {
      const piece = Buffer.alloc(64 * 1024, 'x')
      for (; sent < 1e9; sent += piece.length) yield piece
    }
    await assert.rejects(allOf(readRecords(line())), error => error instanceof UnreadableFile && error.line === 1)
    assert.ok(sent < 2 * 1024 * 1024, `${sent} bytes were taken`)
  })

  it('are read as they were written, with any cuts and line ends', async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ rows, mark, lineEnd, places }) => {
        const texts = rows.map(row => row.map(written).join(',') + lineEnd)
        const read = await records(...cut(Buffer.from(mark + texts.join('')), places))
        const expected = rows.map((row, index) => ({
          line: texts
            .slice(0, index)
            .join('')
            .split(/\r\n|\n|\r/).length,
          cells: row.map(({ text }) => text)
        }))
        assert.deepEqual(
          read.map(({ line, cells }) => ({ line, cells })),
          expected
        )
      }),
      { numRuns: 300 }
    )
  })

  it('are the same for any cuts of any bytes', async () => {
    const bytes = fc
      .array(fc.oneof(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0xef, 0xbb, 0xbf), fc.nat(255)), { maxLength: 60 })
      .map(list => Buffer.from(list))
    const outcome = (chunks: Uint8Array[]) => records(...chunks).catch(error => String(error))
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.nat(), { maxLength: 12 }), async (whole, places) => {
        assert.deepEqual(await outcome(cut(whole, places)), await outcome([whole]))
      }),
      { numRuns: 500 }
    )
  })
})
