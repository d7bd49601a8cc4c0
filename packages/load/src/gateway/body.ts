/** Maximum bytes of an answer: more than the largest page of products. */
const MOST_BYTES = 8 * 1024 * 1024

/** Reads the text of an answer. Rejects if it has more than 8 MiB. */
export async function readBody(answer: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    bytes += (chunk as Uint8Array).length
    if (bytes > MOST_BYTES) throw Object.assign(new Error('The answer is too large'), { code: 'ANSWER_TOO_LARGE' })
    text += decoder.decode(chunk as Uint8Array, { stream: true })
  }
  return text + decoder.decode()
}
