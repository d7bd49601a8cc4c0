import { Readable } from 'node:stream'
import { invalidInput, Problem, unsupportedMediaType } from '@bulkhead/chassis/core'
import { openUpload, readJson } from '@bulkhead/chassis/http'
import type { Request, Response } from 'express'
import type { StrictInput } from './strict-input.ts'

/** The body that is sent on: bytes that were checked, a file as it comes in, or nothing. `failure` is what went wrong with the file. */
export type Body = { bytes?: Uint8Array; upload?: Readable; failure(): unknown }

/**
 * Reads and checks the body of an operation, or opens its file, of which more must come every `uploadStall` milliseconds. Rejects with a
 * 400, 408, 413 or 415.
 */
export async function requestBody(
  request: Request,
  response: Response,
  { json, upload }: StrictInput,
  uploadStall: number
): Promise<Body> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw compressed()
  if (upload) return watched(openUpload(request, upload, uploadStall))
  const sent = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  if (!json) {
    if (sent) throw invalidInput([{ pointer: '/body', detail: 'This operation takes none' }])
    return NONE
  }
  if (sent && !request.is(json.types)) throw unsupportedMediaType(json.types.join(', '))
  const bytes = await json.read(request, response)
  json.check(readJson(bytes))
  return { bytes, failure: () => undefined }
}

/** 415 as RFC 9110 has it for a coding (section 12.5.3). Services take files as they are, and JSON is small. */
const compressed = () =>
  new Problem(415, 'unsupported-content-encoding', 'The body must not be compressed', {
    detail: 'Send it without Content-Encoding',
    headers: { 'Accept-Encoding': 'identity' }
  })

const NONE: Body = { failure: () => undefined }

/** A file that remembers why its reading failed: undici reports a failed connection only. */
function watched(file: AsyncIterable<Buffer>): Body {
  let failure: unknown
  async function* read() {
    try {
      yield* file
    } catch (error) {
      failure = error
      throw error
    }
  }
  return { upload: Readable.from(read(), { objectMode: false }), failure: () => failure }
}
