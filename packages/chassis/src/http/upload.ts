import type { Request } from 'express'
import type { Upload } from '../contract/index.ts'
import { bodyTooSlow, invalidInput, Problem, tooLarge, unsupportedMediaType } from '../core/index.ts'

/** How long (ms) the sender of a file may pause. */
const STALL_MS = 30_000

/**
 * Opens the file in a request's body. Throws a 415 for any other media type, and a 413 for a `Content-Length` over the limit. Reading the
 * file rejects with a 413 beyond the limit, and with a 408 if nothing arrives for `stall` milliseconds. It rejects with a 400 if the sender
 * breaks off.
 */
export function openUpload(request: Request, { type, limit }: Upload, stall = STALL_MS): AsyncIterable<Buffer> {
  if (!request.is(type)) throw unsupportedMediaType(type)
  if (Number(request.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  return bounded(request, limit, stall)
}

async function* bounded(request: Request, limit: number, stall: number): AsyncGenerator<Buffer> {
  // Destroying the request would close the connection, and the sender would not receive the error.
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
    throw error instanceof Problem ? error : invalidInput([{ pointer: '/body', detail: 'The body broke off' }])
  }
}

/** Settles like `work`, or rejects with a 408 after `milliseconds`. */
function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(bodyTooSlow()), milliseconds)
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
