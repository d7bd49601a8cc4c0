import { CsvError, parse } from 'csv-parse'

/** The file can't be read on from `line` (from 1; a row's first line); `column` is the one that is missing or wrong. */
export class UnreadableFile extends Error {
  readonly line: number
  readonly column: string | undefined

  constructor(line: number, reason: string, column?: string, options?: ErrorOptions) {
    super(`line ${line}: ${reason}`, options)
    this.name = 'UnreadableFile'
    this.line = line
    this.column = column
  }
}

/** One row of the file: the line it starts on, from 1, and its cells with a character a byte, not yet decoded. */
export type FileRecord = { line: number; cells: string[] }

const RECORD_BYTES = 1024 * 1024
const PIECE_BYTES = 16 * 1024
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Splits CSV (RFC 4180; LF too) into rows, without blank lines. Holds the row it reads and those of 16 KiB of the file.
 * Throws `UnreadableFile`, after the rows before it, for wrong quoting and for a row of more than 1 MiB.
 */
export async function* readRecords(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<FileRecord> {
  const rows: FileRecord[] = []
  let line = 1
  let fedBytes = 0
  let recordStart = 0

  const checkSize = (end: number) => {
    if (end - recordStart > RECORD_BYTES) throw new UnreadableFile(line, 'the row is larger than 1 MiB')
  }
  // The parser counts a quoted CRLF as two lines and a row's size without its commas: both are counted here instead.
  const takeRecord = (cells: string[], info: { bytes: number }) => {
    checkSize(info.bytes)
    if (cells.length > 1 || cells[0] !== '') rows.push({ line, cells })
    recordStart = info.bytes
    line += 1 + cells.reduce((count, cell) => count + cell.split('\n').length - 1, 0)
    return null
  }
  const parser = parse({
    encoding: 'latin1',
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    on_record: takeRecord
  })
  // Each write hands its error to its own callback; the event would end the process if nobody listened.
  parser.on('error', () => undefined)
  const parsed = (step: (done: (error?: Error | null) => void) => void) =>
    new Promise<Error | undefined>(resolve => step(error => resolve(error ?? undefined)))

  try {
    for await (const piece of piecesWithoutMark(bytes)) {
      fedBytes += piece.length
      const error = await parsed(done => parser.write(piece, done))
      yield* rows.splice(0)
      if (error) throw unreadable(error, line)
      checkSize(fedBytes)
    }
    const error = await parsed(done => parser.end(done))
    yield* rows.splice(0)
    if (error) throw unreadable(error, line)
  } finally {
    parser.destroy()
  }
}

function unreadable(error: Error, line: number): Error {
  if (!(error instanceof CsvError)) return error
  return new UnreadableFile(line, 'the quotes of the row are wrong or not closed', undefined, { cause: error })
}

async function* piecesWithoutMark(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of bytes) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (start) {
      rest = Buffer.concat([start, rest])
      start = rest.length < BYTE_ORDER_MARK.length ? rest : undefined
      if (start) continue
      if (rest.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) rest = rest.subarray(BYTE_ORDER_MARK.length)
    }
    for (let at = 0; at < rest.length; at += PIECE_BYTES) yield rest.subarray(at, at + PIECE_BYTES)
  }
  if (start?.length) yield start
}
