import type { Db } from 'mongodb'
import { importProducts } from './operations.ts'

const CHUNK_BYTES = 64 * 1024

export type ImportFiles = ReturnType<typeof importFiles>

/** The files of imports in the service's own store, in chunks, so that neither a document nor the memory holds one whole. */
export function importFiles(db: Db) {
  const chunks = db.collection<{ _id: string; bytes: Buffer }>('import_files', { promoteBuffers: true })
  const chunkId = (id: string, place: number) => `${id}/${place}`

  return {
    /** Stores a file under an import's ID as it comes in. Rejects as `upload` does; what it stored then is to be removed. */
    async write(id: string, upload: AsyncIterable<Buffer>) {
      const size = { bytes: 0, chunks: 0 }
      for await (const bytes of inChunks(upload)) {
        await chunks.insertOne({ _id: chunkId(id, size.chunks), bytes })
        size.bytes += bytes.length
        size.chunks++
      }
      return size
    },

    /** A file's bytes in order. */
    async *read(id: string, count: number): AsyncGenerator<Buffer> {
      for (let place = 0; place < count; place++) {
        const chunk = await chunks.findOne({ _id: chunkId(id, place) })
        if (!chunk) throw new Error(`Chunk ${place} of the file of ${id} is gone`)
        yield chunk.bytes
      }
    },

    /** Removes the first `count` chunks of a file, or those of them that are there. */
    async remove(id: string, count: number) {
      const ids = Array.from({ length: count }, (_, place) => chunkId(id, place))
      await chunks.deleteMany({ _id: { $in: ids } })
    },

    /** The most chunks of a file. */
    most: Math.ceil(importProducts.upload!.limit / CHUNK_BYTES)
  }
}

/** The same bytes in chunks of one size but for the last. A chunk is good until the next is asked for. */
async function* inChunks(pieces: AsyncIterable<Buffer>) {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let filled = 0
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const copied = piece.copy(chunk, filled, at)
      at += copied
      filled += copied
      if (filled < CHUNK_BYTES) continue
      yield chunk
      filled = 0
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}
