import { startSpan, withoutSecretIds } from '../core/index.ts'

/** An attempt of a call. */
type Attempt = {
  /** `<target>.<operation>` */
  name: string
  method: string
  /** The target's address, and the path of the request with its query. */
  base: string
  path: string
  /** The number of attempts before this one. */
  resends: number
}

/** An answer that has begun. `whole` settles when its body ends, and is missing if the answer is complete. */
type BegunAnswer = { status: number; whole?: Promise<void> }

/**
 * Sends an attempt in a span of its own, so that a trace shows retries. The span covers the wait in the queue and the whole answer. `send`
 * gets the traceparent for the target.
 */
export async function traceAttempt<T extends BegunAnswer>(
  { name, method, base, path, resends }: Attempt,
  parent: string,
  send: (traceparent: string) => Promise<T>
): Promise<T> {
  const span = startSpan({ name, kind: 'client', parent })
  if (!span) return send(parent)
  const { origin, hostname, port, protocol, pathname } = new URL(path, base)
  span.set({
    'http.request.method': method.toUpperCase(),
    'http.request.resend_count': resends || undefined,
    'url.full': origin + withoutSecretIds(pathname),
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80)
  })
  try {
    const answer = await send(span.traceparent)
    span.set({ 'http.response.status_code': answer.status })
    const failure = answer.status >= 400 ? String(answer.status) : undefined
    if (answer.whole)
      answer.whole.then(
        () => span.end(failure),
        error => span.end(error)
      )
    else span.end(failure)
    return answer
  } catch (error) {
    span.end(error)
    throw error
  }
}
