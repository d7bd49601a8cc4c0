import { setTimeout as delay } from 'node:timers/promises'
import { Agent, Client, type Dispatcher } from 'undici'
import type { ClusterShop } from '../../packages/cli/src/cluster/shop.ts'

/** One request of a load, and what is made of its answer. Any status but the expected ones is a failure. */
export type Sent = {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  token?: string | undefined
  headers?: Record<string, string>
  body?: object
  expected: number[]
  /** Told of the answer, once it is one of the expected. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
  answered?: (body: any, etag: string | undefined) => void
}

/** What a load met: milliseconds of each request by when it was sent, and why some failed. */
export type Met = { sent: number; writes: number; times: { at: number; ms: number }[]; failures: string[] }

type Target = Pick<ClusterShop, 'address' | 'trust'>

/** Milliseconds after which an answer counts as none. */
const ANSWER_LIMIT = 15_000
const CONNECTIONS = 16
/** Failures that are kept with their reason. */
const MOST_SHOWN = 20

/**
 * Sends `perSecond` requests a second, whether those before are answered or not, until `signal` aborts: every other one on connections that
 * are kept, the others on a new one each, and none of them again. Resolves when all are answered.
 */
export async function steadyLoad(
  target: Target,
  perSecond: number,
  next: () => Sent,
  signal: AbortSignal
): Promise<Met> {
  const met: Met = { sent: 0, writes: 0, times: [], failures: [] }
  const connect = target.trust
  const kept = new Agent({ connect, connections: CONNECTIONS, headersTimeout: ANSWER_LIMIT, bodyTimeout: ANSWER_LIMIT })
  const open = new Set<Promise<void>>()
  const start = performance.now()
  while (!signal.aborted) {
    const sent = next()
    const isKept = met.sent++ % 2 === 0
    if (sent.method !== 'GET') met.writes++
    const asking = ask(sent, isKept).finally(() => open.delete(asking))
    open.add(asking)
    await delay(Math.max(0, start + (met.sent * 1_000) / perSecond - performance.now()))
  }
  await Promise.all(open)
  await kept.close()
  return met

  async function ask(sent: Sent, isKept: boolean) {
    const at = performance.now()
    const dispatcher = isKept ? kept : new Client(target.address, { connect, headersTimeout: ANSWER_LIMIT })
    try {
      await exchange(dispatcher, target.address, sent)
      met.times.push({ at, ms: performance.now() - at })
    } catch (error) {
      const { message, code } = error as Error & { code?: string }
      const how = isKept ? 'a kept connection' : 'a new connection'
      if (met.failures.length < MOST_SHOWN)
        met.failures.push(`${sent.method} ${sent.path} on ${how}: ${code ?? ''} ${message}`)
      else met.failures.push('')
    } finally {
      if (dispatcher !== kept) await dispatcher.destroy()
    }
  }
}

async function exchange(dispatcher: Dispatcher, origin: string, { answered, expected, ...sent }: Sent) {
  const { statusCode, headers, body } = await dispatcher.request({
    ...{ origin, method: sent.method, path: sent.path, signal: AbortSignal.timeout(ANSWER_LIMIT) },
    headers: {
      ...(sent.token && { authorization: `Bearer ${sent.token}` }),
      ...(sent.body && { 'content-type': 'application/json' }),
      ...sent.headers
    },
    ...(sent.body && { body: JSON.stringify(sent.body) })
  })
  const text = await body.text()
  if (!expected.includes(statusCode)) throw new Error(`${statusCode} ${text.slice(0, 200)}`)
  answered?.(text ? JSON.parse(text) : undefined, headers.etag as string | undefined)
}

/** The 99th of a hundred, in milliseconds, of the requests that were sent from `from` to `to`; undefined for none. */
export function p99({ times }: Met, from: number, to: number): number | undefined {
  const sorted = times
    .filter(({ at }) => at >= from && at < to)
    .map(({ ms }) => ms)
    .sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length * 0.99)]
}
