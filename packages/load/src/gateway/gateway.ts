import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome, Statistics } from '../report/statistics.ts'
import { readBody } from './body.ts'

/** The parts of a request other than its method and path. */
export type RequestParts = {
  token?: string | undefined
  headers?: Record<string, string>
  body?: object
}

/** An answer, with its JSON body if it has one. */
// biome-ignore lint/suspicious/noExplicitAny: each journey knows the shape of its answers
export type Answer = { status: number; body: any; etag: string }

/**
 * Sends a request and waits for its answer. `step` names it in the summary. Rejects with `RequestFailed` if its status is not expected, or
 * with `HeldBack` if an earlier answer asked this client to wait.
 */
export type Call = (
  step: string,
  expected: number[],
  method: string,
  path: string,
  parts?: RequestParts
) => Promise<Answer>

export type Gateway = {
  call: Call
  /** The names of the services that the gateway routes to; none if the address is not a gateway. Rejects if nothing answers. */
  services: () => Promise<string[]>
}

export type GatewayOptions = {
  /** The address of the gateway, without a slash at the end. */
  url: string
  statistics: Pick<Statistics, 'request' | 'heldBack'>
  now?: () => number
}

/** The request got no answer, or an answer that was not expected. `isLimited` is true for a 429. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed'
  readonly isLimited: boolean

  constructor(message: string, isLimited: boolean) {
    super(message)
    this.isLimited = isLimited
  }
}

/** The request was not sent, because an earlier 429 asked to wait. */
export class HeldBack extends Error {
  override readonly name = 'HeldBack'
}

/** Longer than the gateway's own limit of 10 seconds, to receive its problem document (ms). */
const ANSWER_LIMIT = 15_000
/** The pause after a 429 without a `Retry-After`, and the longest one (ms). */
const [USUAL_REST, LONGEST_REST] = [1_000, 3_600_000]
/** How many times a request is sent again if its connection breaks before an answer, as clients do for a kept connection. */
const REPEATS = 1

/** Makes the client that all shoppers share. After a 429, it sends no request of that step and account until `Retry-After` is over. */
export function openGateway({ url, statistics, now = Date.now }: GatewayOptions): Gateway {
  const restingUntil = new Map<string, number>()

  const call: Call = async (step, expected, method, path, parts = {}) => {
    const client = `${step} ${parts.token ? 'account' : 'guest'}`
    if ((restingUntil.get(client) ?? 0) > now()) {
      statistics.heldBack()
      throw new HeldBack(step)
    }
    const start = performance.now()
    const record = (outcome: Outcome, reason?: string) =>
      statistics.request(step, outcome, performance.now() - start, reason)
    try {
      const { answer, retryAfter } = await exchange(url + path, method, parts)
      if (expected.includes(answer.status)) {
        record('ok')
        return answer
      }
      const reason = reasonOf(answer)
      const isLimited = answer.status === 429
      if (isLimited) restingUntil.set(client, now() + restOf(retryAfter, now()))
      record(isLimited ? 'limited' : 'failed', reason)
      throw new RequestFailed(`${step}: ${reason}`, isLimited)
    } catch (error) {
      if (error instanceof RequestFailed) throw error
      const reason = codeOf(error as Error)
      record('failed', reason)
      throw new RequestFailed(`${step}: ${reason}`, false)
    }
  }

  return {
    call,
    async services() {
      const start = performance.now()
      const { answer } = await exchange(`${url}/openapi.json`, 'GET', {}).catch(error => {
        statistics.request('services', 'failed', performance.now() - start, codeOf(error))
        throw error
      })
      const paths = Object.keys(answer.body?.paths ?? {})
      return [...new Set(paths.map(path => /^\/api\/v1\/([^/]+)\//.exec(path)?.[1] ?? ''))].filter(Boolean)
    }
  }
}

type Exchanged = { answer: Answer; retryAfter: string | null }

async function exchange(url: string, method: string, parts: RequestParts): Promise<Exchanged> {
  for (let repeats = 0; ; repeats++) {
    try {
      return await send(url, method, parts)
    } catch (error) {
      // Only a read is safe to repeat.
      if (repeats === REPEATS || method !== 'GET' || codeOf(error as Error) !== 'UND_ERR_SOCKET') throw error
      await delay(0)
    }
  }
}

async function send(url: string, method: string, { token, headers, body }: RequestParts): Promise<Exchanged> {
  const sent = new Headers(headers)
  if (token) sent.set('authorization', `Bearer ${token}`)
  if (body) sent.set('content-type', 'application/json')
  const answer = await fetch(url, {
    method,
    headers: sent,
    body: body ? JSON.stringify(body) : null,
    signal: AbortSignal.timeout(ANSWER_LIMIT)
  })
  const text = await readBody(answer)
  const isJson = text !== '' && (answer.headers.get('content-type') ?? '').includes('json')
  return {
    answer: {
      status: answer.status,
      body: isJson ? JSON.parse(text) : undefined,
      etag: answer.headers.get('etag') ?? ''
    },
    retryAfter: answer.headers.get('retry-after')
  }
}

/** The status and the type of the problem, such as `503 store-full`. It has nothing that the shopper sent. */
function reasonOf({ status, body }: Answer): string {
  const type = typeof body?.type === 'string' ? body.type.split(/[/:]/).at(-1) : ''
  return `${status} ${/^[\w-]{1,50}$/.test(type) ? type : ''}`.trim()
}

/** The code of the cause, such as `ECONNREFUSED`, else the name of the error. Messages may contain the address. */
function codeOf(error: Error): string {
  const { code } = (error.cause ?? error) as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}

/** Returns how long to wait (ms) for a `Retry-After` of seconds or a date (RFC 9110, section 10.2.3). */
function restOf(retryAfter: string | null, now: number): number {
  const seconds = Number(retryAfter ?? Number.NaN)
  const rest = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(retryAfter ?? '') - now
  return Number.isFinite(rest) ? Math.min(Math.max(rest, 0), LONGEST_REST) : USUAL_REST
}
