import type { Request } from 'express'
import type { Upload } from './operation.ts'
import { invalidInput, Problem, tooLarge, unsupportedMediaType } from './problem.ts'

/**
 * The file in a request's body. Throws a 415 for another media type and a 413 for a `Content-Length` over the limit, before
 * anything is read. Read, it rejects with a 413 beyond the limit and with a 400 where the sender breaks off.
 */
export function openUpload(request: Request, { type, limit }: Upload): AsyncIterable<Buffer> {
  if (!request.is(type)) throw unsupportedMediaType(type)
  if (Number(request.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  return bounded(request, limit)
}

async function* bounded(request: Request, limit: number): AsyncGenerator<Buffer> {
  let size = 0
  try {
    // Not destroyed by its reader, or nobody could be told what was wrong.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length
      if (size > limit) throw tooLarge(limit)
      yield chunk as Buffer
    }
  } catch (error) {
    throw error instanceof Problem ? error : invalidInput([{ pointer: '/body', detail: 'It broke off' }])
  }
}
