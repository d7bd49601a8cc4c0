import type { Ask, RequestParts } from '@bulkhead/testing/story'
import { Failure, reasonOf } from '../failure.ts'
import type { Shop } from '../services/shop.ts'

/** Longer than the gateway's own limit of 10 seconds, to receive its problem document (ms). */
const ANSWER_LIMIT = 15_000
const MAX_BODY_IN_MESSAGE = 300

/** Makes the function that sends a story's requests to a gateway. `hint` is the advice for the user if the gateway does not answer. */
export function askGateway({ address, tokens }: Shop, hint = ''): Ask {
  return async (expected, method, path, { as, token = as && tokens[as], body, headers } = {}) => {
    const answer = await send(address + path, method, { token, body, headers }).catch(error => {
      throw new Error(`${method} ${path}: ${noAnswer(address, error)}. ${hint}`.trim())
    })
    const text = await answer.text()
    const statuses = [expected].flat()
    if (!statuses.includes(answer.status)) {
      throw new Error(
        `${method} ${path}: expected status ${statuses.join(' or ')}, got ${answer.status} ${text.slice(0, MAX_BODY_IN_MESSAGE)}`.trim()
      )
    }
    const contentType = answer.headers.get('content-type') ?? ''
    const isJson = contentType.includes('json') && text !== ''
    return { body: isJson ? JSON.parse(text) : text, etag: answer.headers.get('etag') ?? '', contentType }
  }
}

/** Fails with `hint` if nothing answers. Called once before all stories, because otherwise every step would report it. */
export async function requireAnswer({ address }: Shop, hint: string) {
  await send(address, 'GET', {}).catch(error => {
    throw new Failure(noAnswer(address, error), hint)
  })
}

const noAnswer = (address: string, error: Error) => `no answer from ${address} (${reasonOf(error)})`

/** Sends a request, with the body as JSON if there is one. Rejects if no answer comes in time. */
export const send = (url: string, method: string, { token, body, headers }: RequestParts) =>
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
