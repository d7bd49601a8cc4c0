import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { ConnectionFailed, requestError } from '@bulkhead/chassis/client'
import type { Dispatcher, Pool } from 'undici'

/** The headers of an answer that are passed to the client. */
const ANSWER_HEADERS = [
  'content-type',
  'content-length',
  'content-language',
  'etag',
  'last-modified',
  'location',
  'retry-after',
  'www-authenticate',
  'set-cookie',
  'cache-control',
  'vary',
  'accept',
  'allow',
  'link',
  'deprecation',
  'sunset'
]

/** Maximum number of bytes that wait for a slow client before the service has to wait too. */
const MOST_WAITING = 256 * 1024

/** An answer that has begun. `whole` resolves when the answer ends or is given up, and rejects if the service breaks it off. */
export type BegunAnswer = { status: number; whole: Promise<void> }

type Sending = {
  request: Dispatcher.DispatchOptions
  response: ServerResponse
  /** Ends the exchange when it aborts. */
  signal: AbortSignal
  /** Returns the error of the body that the client sends, if any. */
  bodyFailure: () => unknown
}

/**
 * Sends a request and passes its answer on to `response`. A failure before the answer begins rejects with the signal's reason, the failure
 * of the body, or the error of `failureOf`. A later failure breaks off the client's connection, because half an answer must not look like a
 * whole answer.
 */
export function forward(pool: Pool, { request, response, signal, bodyFailure }: Sending): Promise<BegunAnswer> {
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
        const failure = signal.aborted ? signal.reason : (bodyFailure() ?? requestError(error))
        if (!ending) return reject(failure)
        // After an abort, the cause is unknown: the service or the client may have been slow.
        if (failure instanceof ConnectionFailed) ending.reject(failure)
        else ending.resolve()
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
