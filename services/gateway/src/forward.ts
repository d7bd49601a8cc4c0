import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { ConnectionFailed } from '@bulkhead/chassis/client-policy'
import type { Dispatcher, Pool } from 'undici'

/** What comes back of an answer. */
const ANSWER_HEADERS = [
  ...['content-type', 'content-length', 'content-language', 'etag', 'last-modified', 'location', 'retry-after'],
  ...['www-authenticate', 'set-cookie', 'cache-control', 'vary', 'accept', 'allow', 'link', 'deprecation', 'sunset']
]

/** Bytes that may wait for a slow client before the service is made to wait too. */
const MOST_WAITING = 256 * 1024

/**
 * Sends a request and passes its answer on to `response`. Resolves with the status when that begins; `whole` rejects with
 * `ConnectionFailed` where the service breaks off, and resolves at the end or when `signal` aborts. Rejects with the signal's
 * reason, with an upload's own error, or with `ConnectionFailed`, while nothing has been answered. An answer that breaks off
 * afterwards, or is aborted, breaks off the client's connection: never is half an answer taken for a whole one.
 */
export function forward(
  pool: Pool,
  request: Dispatcher.DispatchOptions,
  response: ServerResponse,
  signal: AbortSignal
): Promise<{ status: number; whole: Promise<void> }> {
  return new Promise((resolve, reject) => {
    let ending: PromiseWithResolvers<void> | undefined
    pool.dispatch(request, {
      onRequestStart(controller) {
        const abort = () => controller.abort(signal.reason)
        if (signal.aborted) abort()
        else signal.addEventListener('abort', abort, { once: true })
      },
      onResponseStart(controller, status, headers) {
        if (status < 200) return // informational (RFC 9110, section 15.2)
        ending = Promise.withResolvers()
        response.statusCode = status
        setHeaders(response, headers)
        response.on('drain', () => controller.resume())
        resolve({ status, whole: ending.promise })
      },
      onResponseData(controller, chunk) {
        if (!response.write(chunk) && response.writableLength > MOST_WAITING) controller.pause()
      },
      onResponseEnd() {
        response.end()
        ending?.resolve()
      },
      onResponseError(_controller, error) {
        const failed = new ConnectionFailed('The connection failed', { cause: error })
        if (!ending) return reject(signal.aborted ? signal.reason : failed)
        // Of an abort nobody knows whether the service was slow, or the client.
        if (signal.aborted) ending.resolve()
        else ending.reject(failed)
        response.destroy(error)
      }
    })
  })
}

function setHeaders(response: ServerResponse, headers: IncomingHttpHeaders) {
  for (const name of ANSWER_HEADERS) {
    const value = headers[name]
    if (value !== undefined) response.setHeader(name, value)
  }
}
