import { readHandle } from './cells.ts'
import { type Columns, readColumns } from './columns.ts'
import { type FileRecord, readRecords, UnreadableFile } from './records.ts'
import { BadCell, readRow } from './rows.ts'
import { MOST_HANDLES, seenHandles } from './seen-handles.ts'

/**
 * Finds the Handles of a file that occur again after rows of another product. The reader refuses the later rows, so it must know that the
 * first rows are not the whole product. The search stops where the file becomes unreadable; the reader reports that.
 */
export async function findReturningHandles(
  bytes: AsyncIterable<Uint8Array>
): Promise<{ has(handle: string): boolean }> {
  const seen = seenHandles()
  const returning = seenHandles()
  let columns: Columns | undefined
  let last: string | undefined
  try {
    for await (const record of readRecords(bytes)) {
      if (!columns) {
        columns = readColumns(record)
        continue
      }
      const handle = tryHandle(columns, record)
      if (handle === undefined || handle === last) continue
      if (seen.add(handle)) last = handle
      else returning.add(handle)
      if (seen.size() > MOST_HANDLES) break
    }
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
  }
  return returning
}

function tryHandle(columns: Columns, record: FileRecord): string | undefined {
  try {
    return readHandle(readRow(columns, record))
  } catch (error) {
    if (error instanceof BadCell) return undefined
    throw error
  }
}
