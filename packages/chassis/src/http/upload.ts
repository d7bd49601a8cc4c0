import type { Request } from 'express'
import type { Upload } from '../contract/index.ts'
import { bodyTooSlow, invalidInput, Problem, tooLarge, unsupportedMediaType } from '../core/index.ts'

/** Milliseconds in which more of a file must come. */
const STALL_MS = 30_000

/**
 * The file in a request's body. Throws a 415 for another media type and a 413 for a `Content-Length` over the limit, before
 * anything is read. Read, it rejects with a 413 beyond the limit, with a 408 when nothing came for `stall` milliseconds, and with a 400 where
 * the sender breaks off.
 */
export function openUpload(request: Request, { type, limit }: Upload, stall = STALL_MS): AsyncIterable<Buffer> {
  if (!request.is(type)) throw unsupportedMediaType(type)
  if (Number(request.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  return bounded(request, limit, stall)
}

async function* bounded(request: Request, limit: number, stall: number): AsyncGenerator<Buffer> {
  // Not destroyed by its reader, or nobody could be told what was wrong.
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false })
  let size = 0
  try {
    for (;;) {
      const { done, value } = await within(stall, chunks.next())
      if (done) return
      size += value.length
      if (size > limit) throw tooLarge(limit)
      yield value
    }
  } catch (error) {
    throw error instanceof Problem ? error : invalidInput([{ pointer: '/body', detail: 'It broke off' }])
  }
}

/** Settles as `work` does, or rejects with a 408 after so many milliseconds. */
function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(bodyTooSlow()), milliseconds)
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
