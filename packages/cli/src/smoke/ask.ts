import type { Role } from '../development-keys.ts'

export type Sent = {
  token?: string | undefined
  body?: object | undefined
  headers?: Record<string, string> | undefined
}

type Asked = Sent & {
  /** Whose token goes along; none when left out, unless `token` is another. */
  as?: Role
}

/** An answer of the gateway; `etag` is there for what has a version. The body is whatever JSON came: the steps say what of it they expect. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Answered = { body: any; etag: string; contentType: string }

/** Sends a request to the gateway, below its address. Fails with what came when its status is not among `expected`. */
export type Ask = (expected: number | number[], method: string, path: string, asked?: Asked) => Promise<Answered>

/** Longer than the gateway's own 10 seconds, so that its problem is seen. */
const ANSWER_LIMIT = 15_000
const SHOWN = 300

/** The requests of a gateway's address, with the tokens of the demo people. */
export function askGateway(gateway: string, tokens: Record<Role, string>): Ask {
  return async (expected, method, path, { as, token = as && tokens[as], body, headers } = {}) => {
    const answer = await send(gateway + path, method, { token, body, headers }).catch(error => {
      const reason = (error.cause as Error | undefined)?.message ?? error.message
      throw new Error(`${method} ${path}: no answer from ${gateway} (${reason}). Is the stack up? make status`)
    })
    const text = await answer.text()
    const statuses = [expected].flat()
    if (!statuses.includes(answer.status)) {
      throw new Error(
        `${method} ${path}: expected status ${statuses.join(' or ')}, came ${answer.status} ${text.slice(0, SHOWN)}`.trim()
      )
    }
    const contentType = answer.headers.get('content-type') ?? ''
    const isJson = contentType.includes('json') && text !== ''
    return { body: isJson ? JSON.parse(text) : text, etag: answer.headers.get('etag') ?? '', contentType }
  }
}

/** Sends a request with a JSON body, where there is one. Rejects when no answer comes in time. */
export const send = (url: string, method: string, { token, body, headers }: Sent) =>
  fetch(url, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...headers
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_LIMIT)
  })

/** Fails with both when what came is not what is expected. */
export function same(what: string, expected: unknown, came: unknown) {
  const [one, other] = [JSON.stringify(expected), JSON.stringify(came)]
  if (one !== other) throw new Error(`${what}: expected ${one}, came ${other?.slice(0, SHOWN)}`)
}
