/** Thrown if the body of an answer is larger than its reader accepts. */
export class TooManyBytes extends Error {
  override readonly name = 'TooManyBytes'
}

/**
 * Reads a body of at most `maxBytes` bytes as text (UTF-8). Stops and rejects with `TooManyBytes` if the body is larger. Rejects if the
 * body breaks off.
 */
export async function readText(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes) throw new TooManyBytes(`The answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
