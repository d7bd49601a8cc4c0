import type { Db } from 'mongodb'
import { importProducts } from './operations.ts'

type FileSize = { bytes: number; chunks: number }

/** The files of imports, stored in chunks, so that neither a document nor the memory holds a whole file. */
export type ImportFiles = {
  /** Stores a file while it arrives. Rejects if `upload` fails; then the caller must remove the stored chunks. */
  write(importId: string, upload: AsyncIterable<Buffer>): Promise<FileSize>
  /** Reads a file of `count` chunks from its start. Throws if a chunk is missing. */
  read(importId: string, count: number): AsyncGenerator<Buffer>
  /** Removes the first `count` chunks of a file. Ignores missing chunks. */
  remove(importId: string, count: number): Promise<void>
  /** The largest number of chunks that a file can have. */
  mostChunks: number
}

const CHUNK_BYTES = 64 * 1024

export function importFiles(db: Db): ImportFiles {
  const chunks = db.collection<{ _id: string; bytes: Buffer }>('import_files', { promoteBuffers: true })
  const chunkId = (importId: string, place: number) => `${importId}/${place}`

  return {
    async write(importId, upload) {
      const size = { bytes: 0, chunks: 0 }
      for await (const bytes of splitIntoChunks(upload)) {
        await chunks.insertOne({ _id: chunkId(importId, size.chunks), bytes })
        size.bytes += bytes.length
        size.chunks++
      }
      return size
    },

    async *read(importId, count) {
      for (let place = 0; place < count; place++) {
        const chunk = await chunks.findOne({ _id: chunkId(importId, place) })
        if (!chunk) throw new Error(`The file of ${importId} has no chunk ${place}`)
        yield chunk.bytes
      }
    },

    async remove(importId, count) {
      const ids = Array.from({ length: count }, (_, place) => chunkId(importId, place))
      await chunks.deleteMany({ _id: { $in: ids } })
    },

    mostChunks: Math.ceil(importProducts.upload!.limit / CHUNK_BYTES)
  }
}

/** Splits bytes into chunks of one size; the last chunk can be smaller. Reuses one buffer: the next chunk overwrites the previous one. */
async function* splitIntoChunks(pieces: AsyncIterable<Buffer>) {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let filled = 0
  for await (const piece of pieces) {
    let position = 0
    while (position < piece.length) {
      const copied = piece.copy(chunk, filled, position)
      position += copied
      filled += copied
      if (filled < CHUNK_BYTES) continue
      yield chunk
      filled = 0
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}
