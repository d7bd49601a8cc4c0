/** The body of an answer was larger than its reader takes. */
export class TooManyBytes extends Error {
  override readonly name = 'TooManyBytes'
}

/** The text of a body of at most `most` bytes (UTF-8). Rejects with `TooManyBytes`, reading no further, or as the body does. */
export async function readText(body: AsyncIterable<Buffer>, most: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > most) throw new TooManyBytes(`The answer is larger than ${most} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
