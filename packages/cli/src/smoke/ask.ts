import type { Ask, Sent } from '@bulkhead/testing/story'
import { Failure, reasonOf } from '../failure.ts'
import type { Shop } from '../shop.ts'

/** Longer than the gateway's own 10 seconds, so that its problem is seen. */
const ANSWER_LIMIT = 15_000
const SHOWN = 300

/** The requests of a gateway, with the tokens of the demo people; `hint` says what to do when it does not answer. */
export function askGateway({ address, tokens }: Shop, hint = ''): Ask {
  return async (expected, method, path, { as, token = as && tokens[as], body, headers } = {}) => {
    const answer = await send(address + path, method, { token, body, headers }).catch(error => {
      throw new Error(`${method} ${path}: ${noAnswer(address, error)}. ${hint}`.trim())
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

/** Fails, with what to do then, where nothing answers at an address: each step would say so. */
export async function requireAnswer({ address }: Shop, hint: string) {
  await send(address, 'GET', {}).catch(error => {
    throw new Failure(noAnswer(address, error), hint)
  })
}

const noAnswer = (address: string, error: Error) => `no answer from ${address} (${reasonOf(error)})`

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
