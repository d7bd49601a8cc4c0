import { Failure } from '../../failure.ts'

/**
 * The kinds of frames. A dump is a list of frames: a header, then for each collection its name and its documents, or the keys of a Redis,
 * and the manifest at the end.
 */
export const FRAME = { header: 1, collection: 2, document: 3, key: 4, removedKey: 5, manifest: 6 } as const

/** A part of a dump. `payload` is JSON for a header, a collection, a removed key and a manifest, else BSON. */
export type Frame = { kind: number; payload: Uint8Array }

/** The kind (one byte) and the length of the payload (four bytes, little-endian). */
const HEAD_BYTES = 5
/** MongoDB and Redis limit what they store: 16 MiB a document, 512 MB a string. A longer frame is damage. */
const LONGEST = 1024 * 1024 * 1024
/** How many bytes of frames are collected before they are passed on: as many as a pipe holds. */
const CHUNK_BYTES = 64 * 1024

/** Returns a frame with a value as JSON. */
export const jsonFrame = (kind: number, value: unknown): Frame => ({
  kind,
  payload: Buffer.from(JSON.stringify(value))
})

/** Reads the value of a frame with JSON. */
export const jsonOf = <Value>({ payload }: Frame): Value => JSON.parse(Buffer.from(payload).toString('utf8')) as Value

/** Encodes frames as chunks of about 64 KiB. */
export async function* encodeFrames(frames: AsyncIterable<Frame>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = []
  let bytes = 0
  for await (const { kind, payload } of frames) {
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt8(kind)
    head.writeUInt32LE(payload.length, 1)
    parts.push(head, payload)
    bytes += HEAD_BYTES + payload.length
    if (bytes < CHUNK_BYTES) continue
    yield Buffer.concat(parts)
    parts = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(parts)
}

/** Decodes the frames of a stream of bytes. Fails if the bytes end within a frame. */
export async function* decodeFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  let needed = HEAD_BYTES
  for await (const chunk of chunks) {
    waiting.push(chunk)
    bytes += chunk.length
    if (bytes < needed) continue
    let rest = waiting.length === 1 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat(waiting)
    for (;;) {
      needed = frameBytes(rest)
      if (rest.length < needed) break
      yield { kind: rest.readUInt8(), payload: rest.subarray(HEAD_BYTES, needed) }
      rest = rest.subarray(needed)
    }
    waiting = [rest]
    bytes = rest.length
  }
  if (bytes > 0) throw new Failure('the dump is damaged: it ends within a record')
}

/** The bytes of the first frame with its head; those of a head if it is not complete. */
function frameBytes(bytes: Buffer): number {
  if (bytes.length < HEAD_BYTES) return HEAD_BYTES
  const length = bytes.readUInt32LE(1)
  if (length > LONGEST) throw new Failure(`the dump is damaged: it has a record of ${length} bytes`)
  return HEAD_BYTES + length
}
