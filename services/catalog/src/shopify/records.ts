/** Thrown if the rest of the file is unreadable. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
  /** The first line of the row where reading ended, counted from 1. */
  readonly line: number
  /** The missing or wrong column. */
  readonly column: string | undefined

  constructor(line: number, reason: string, column?: string) {
    super(`line ${line}: ${reason}`)
    this.line = line
    this.column = column
  }
}

/** One row of the file. */
export type FileRecord = {
  /** The line where the row starts, counted from 1. */
  line: number
  bytes: number
  /** Texts with U+FFFD in place of bytes that are not UTF-8. */
  cells: string[]
  /** Set if the row is unreadable from the cell at `place` on, counted from 0. Then none of its cells are reliable. */
  fault?: { place: number; reason: string }
}

const RECORD_BYTES = 1024 * 1024
const PIECE_BYTES = 64 * 1024
const [QUOTE, COMMA, LINE_FEED, CARRIAGE_RETURN] = [0x22, 0x2c, 0x0a, 0x0d]
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/**
 * Splits CSV into rows, without blank lines (RFC 4180; UTF-8 with or without a byte order mark; LF, CRLF or CR). Keeps in memory one row
 * and 64 KiB of the file. A quoted cell that continues after its closing quote makes only the rest of its own line unreadable. Throws
 * `UnreadableFile` for a quote that is never closed and for a row of more than 1 MiB, after the rows before it.
 */
export async function* readRecords(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<FileRecord> {
  const scanner = recordScanner()
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      yield* scanner.scan(chunk.subarray(start, start + PIECE_BYTES))
    }
  }
  yield* scanner.end()
}

function recordScanner() {
  let buffer = Buffer.allocUnsafe(2 * PIECE_BYTES)
  let filled = 0
  let position = 0
  let cellStart = 0
  let place: 'start' | 'bare' | 'quoted' | 'after-quote' | 'spoiled' = 'start'
  let previous = 0
  let line = 1
  let quoteLine = 1
  let hasDoubledQuotes = false
  let isFirst = true
  let record: FileRecord = { line, bytes: 0, cells: [] }

  function* scan(piece: Uint8Array): Generator<FileRecord> {
    append(piece)
    for (; position < filled; position++) {
      const byte = buffer[position]!
      const isAfterReturn = previous === CARRIAGE_RETURN
      previous = byte
      if (byte === LINE_FEED && isAfterReturn && record.bytes === 0) {
        // This is the second byte of the CRLF that ended the previous row.
        cellStart = position + 1
        continue
      }
      if (byte === CARRIAGE_RETURN || (byte === LINE_FEED && !isAfterReturn)) line++
      record.bytes++
      if (!take(byte)) continue
      checkSize()
      if (record.fault || record.cells.length > 1 || record.cells[0] !== '') yield record
      record = { line, bytes: 0, cells: [] }
      isFirst = false
    }
    checkSize()
  }

  function* end(): Generator<FileRecord> {
    if (place === 'quoted') throw new UnreadableFile(quoteLine, 'a quote that opens here is never closed')
    yield* scan(Buffer.of(LINE_FEED))
  }

  /** Appends a piece to the unread cell, and drops everything before that cell. */
  function append(piece: Uint8Array) {
    const kept = filled - cellStart
    const target = kept + piece.length > buffer.length ? Buffer.allocUnsafe(2 * (kept + piece.length)) : buffer
    buffer.copy(target, 0, cellStart, filled)
    target.set(piece, kept)
    buffer = target
    position -= cellStart
    cellStart = 0
    filled = kept + piece.length
  }

  /** Processes the byte at `position`. Returns true if it ends the row. */
  function take(byte: number): boolean {
    if (isFirst && isAfterMark()) {
      cellStart = position
      place = 'start'
    }
    if (place === 'quoted') {
      if (byte === QUOTE) place = 'after-quote'
      return false
    }
    if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
      endCell()
      return true
    }
    if (place === 'spoiled') cellStart = position + 1
    else if (byte === COMMA) endCell()
    else if (byte === QUOTE) takeQuote()
    else if (place === 'start') place = 'bare'
    else if (place === 'after-quote') spoil()
    return false
  }

  function takeQuote() {
    if (place === 'after-quote') {
      hasDoubledQuotes = true
      place = 'quoted'
    } else if (place === 'start') {
      cellStart = position + 1
      quoteLine = line
      place = 'quoted'
    }
    // Otherwise the quote is a character of an unquoted cell, such as 5" nail.
  }

  function isAfterMark() {
    return record.bytes === BYTE_ORDER_MARK.length + 1 && BYTE_ORDER_MARK.equals(buffer.subarray(cellStart, position))
  }

  function endCell() {
    if (place !== 'spoiled') {
      const text = buffer.toString('utf8', cellStart, place === 'after-quote' ? position - 1 : position)
      record.cells.push(hasDoubledQuotes ? text.replaceAll('""', '"') : text)
    }
    hasDoubledQuotes = false
    place = 'start'
    cellStart = position + 1
  }

  function spoil() {
    const from = quoteLine === line ? '' : ` (it opens on line ${quoteLine})`
    const reason = `goes on after its closing quote${from}; a quote within a cell is written twice`
    record.fault = { place: record.cells.length, reason }
    place = 'spoiled'
  }

  function checkSize() {
    if (record.bytes <= RECORD_BYTES) return
    const guess = place === 'quoted' ? `; the quote that opens on line ${quoteLine} may never be closed` : ''
    throw new UnreadableFile(record.line, `the row is larger than 1 MiB${guess}`)
  }

  return { scan, end }
}
