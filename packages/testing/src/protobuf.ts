/** A field of a protobuf message: a number, or the bytes of a text or of another message. */
type Field = { number: number; value: bigint | Buffer }

/** Reads the fields of a protobuf message in their order (protobuf.dev, encoding). Throws for the deprecated groups. */
export function readFields(message: Buffer): Field[] {
  const fields: Field[] = []
  let offset = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[offset++]
      if (byte === undefined) throw new Error('The message ends within a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const bytes = (length: number) => {
    offset += length
    return message.subarray(offset - length, offset)
  }
  const readers = [varint, () => bytes(8).readBigUInt64LE(), () => bytes(Number(varint()))]
  while (offset < message.length) {
    const tag = Number(varint())
    const type = tag & 7
    const read = type === 5 ? () => BigInt(bytes(4).readUInt32LE()) : readers[type]
    if (!read) throw new Error(`Unknown type of a field: ${type}`)
    fields.push({ number: tag >> 3, value: read() })
  }
  return fields
}

/** Returns the messages or texts with this field number. */
export const partsOf = (message: Buffer, number: number): Buffer[] =>
  readFields(message).flatMap(field => (field.number === number && Buffer.isBuffer(field.value) ? [field.value] : []))
