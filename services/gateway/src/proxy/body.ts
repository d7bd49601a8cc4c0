import { Readable } from 'node:stream'
import { invalidInput, Problem, unsupportedMediaType } from '@bulkhead/chassis/core'
import { bodyReader, openUpload, readJson } from '@bulkhead/chassis/http'
import type { Request, Response } from 'express'
import type { Route } from '../routing/route-table.ts'

/**
 * The body of the request to the service: checked bytes, a file while it arrives, or nothing. `failure` returns the error of the file, if
 * any.
 */
export type Body = { bytes?: Uint8Array; upload?: Readable; failure(): unknown }

/**
 * Reads and checks the body of an operation, or opens its file. Each pause in the arrival of a file may last at most `uploadStall`
 * milliseconds. Rejects with a 400, 408, 413 or 415.
 */
export async function requestBody(
  request: Request,
  response: Response,
  { json, upload }: Route,
  uploadStall: number
): Promise<Body> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw compressedBody()
  if (upload) return watch(openUpload(request, upload, uploadStall))
  const sent = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  if (!json) {
    if (sent) throw invalidInput([{ pointer: '/body', detail: 'This operation takes no body' }])
    return NONE
  }
  if (sent && !request.is(json.types)) throw unsupportedMediaType(json.types.join(', '))
  const bytes = await bodyReader(json.limit)(request, response)
  readJson(bytes) // Text that is not JSON is refused before it uses a place of the service.
  return { bytes, failure: () => undefined }
}

/** Returns a 415 for a content coding (RFC 9110, section 12.5.3). Services accept only uncompressed files, and JSON is small. */
const compressedBody = () =>
  new Problem(415, 'unsupported-content-encoding', 'The body must not be compressed', {
    detail: 'Send it without Content-Encoding',
    headers: { 'Accept-Encoding': 'identity' }
  })

const NONE: Body = { failure: () => undefined }

/** Keeps the error of reading a file, because undici reports it as a failed connection. */
function watch(file: AsyncIterable<Buffer>): Body {
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
