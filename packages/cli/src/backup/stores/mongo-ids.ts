import { type Binary, BSON, type Double, type Int32, type Long, type ObjectId } from 'mongodb'

/** The `_id` of a document. */
export type DocumentId = string | ObjectId | Binary | Double | Int32 | Long

const STRING = 0x02
/** The bytes before the value of a document's first element if that is `_id`: length (4), type (1), `_id` and 0 (4). */
const VALUE_OFFSET = 9

/** Keeps every type of BSON as it is, so that encoding a decoded document again gives the same bytes. */
const EXACT = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const

/** Decodes a document so that encoding it gives the same bytes. */
export const exactDocument = (document: Uint8Array) => BSON.deserialize(document, EXACT)

/** Returns the `_id` of an encoded document. Decodes only the `_id` if that is a string at the document's start, as it usually is. */
export function idOf(document: Uint8Array): DocumentId {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.length)
  const isFirst = bytes.length > VALUE_OFFSET + 4 && bytes.toString('latin1', 5, VALUE_OFFSET) === '_id\0'
  if (!isFirst || bytes[4] !== STRING) return exactDocument(document)._id
  const length = bytes.readUInt32LE(VALUE_OFFSET)
  return bytes.toString('utf8', VALUE_OFFSET + 4, VALUE_OFFSET + 3 + length)
}

/** Returns a name of an `_id`, equal for equal IDs. */
export const idName = (id: DocumentId): string => (typeof id === 'string' ? id : BSON.EJSON.stringify({ id }))

/** Returns the type of an `_id`; `$gt` of MongoDB finds only values of the same type. */
export function idType(id: DocumentId): string {
  if (typeof id === 'string') return 'String'
  return ['Int32', 'Double', 'Long'].includes(id._bsontype) ? 'Number' : id._bsontype
}
