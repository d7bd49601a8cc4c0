import { BSON } from 'mongodb'
import { Failure } from '../../failure.ts'
import { digestOf, SetDigest } from './digest.ts'
import { FRAME, type Frame, jsonOf } from './frames.ts'
import { type Content, contentOf, type Manifest } from './manifest.ts'

/** The keys of a Redis in a dump. The digest is that of the value. */
type Keys = Map<string, { digest: Uint8Array; bytes: number }>

/** The name under which a manifest has the keys of a Redis. */
const KEYS = 'keys'

/** Adds up the keys of a Redis. */
export function contentOfKeys(keys: Keys): Content {
  const records = new SetDigest()
  for (const { digest, bytes } of keys.values()) records.add(digest, bytes)
  return contentOf(KEYS, records)
}

/** Reads a whole dump and compares its records with its manifest, which it returns. Fails if they differ. */
export async function verifyDump(dump: AsyncIterable<Frame>): Promise<Manifest> {
  const contents: Content[] = []
  const keys: Keys = new Map()
  let current: { name: string; records: SetDigest } | undefined
  let manifest: Manifest | undefined
  const finish = () => current && contents.push(contentOf(current.name, current.records))

  for await (const frame of dump) {
    const { kind, payload } = frame
    if (kind === FRAME.collection) {
      finish()
      current = { name: jsonOf<{ name: string }>(frame).name, records: new SetDigest() }
    } else if (kind === FRAME.document) current?.records.add(digestOf(payload), payload.length)
    else if (kind === FRAME.key) {
      const { key, dump, digest } = BSON.deserialize(payload, { promoteBuffers: true })
      keys.set(key.toString('latin1'), { digest, bytes: dump.length })
    } else if (kind === FRAME.removedKey) keys.delete(Buffer.from(payload).toString('latin1'))
    else if (kind === FRAME.manifest) manifest = jsonOf<Manifest>(frame)
  }
  finish()
  if (!manifest) throw new Failure('the dump is not complete', 'Restore another snapshot')
  if (manifest.store === 'redis') contents.push(contentOfKeys(keys))
  const isSame = JSON.stringify(contents) === JSON.stringify(manifest.contents)
  if (!isSame) throw new Failure('the records of the dump are not those of its manifest', 'Restore another snapshot')
  return manifest
}
