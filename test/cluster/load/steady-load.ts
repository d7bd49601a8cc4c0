import { setTimeout as delay } from 'node:timers/promises'
import { createSecureContext } from 'node:tls'
import type { Sent } from '@bulkhead/testing/traffic'
import { Agent, Client, type Dispatcher } from 'undici'
import type { ClusterShop } from '../../../packages/cli/src/cluster/shop.ts'
import { differenceOf, failureOf } from '../part.ts'

/** The result of a load: start and duration in milliseconds of each answered request, and the reasons of failures. */
export type LoadResult = {
  sent: number
  writes: number
  seconds: number
  times: { at: number; ms: number }[]
  failures: string[]
}

export type Load = {
  perSecond: number
  next: () => Sent
  /** The number of requests that start at the same time; 1 by default. */
  atOnce?: number
  /** Sends nothing on new connections. With `atOnce: CONNECTIONS`, the first requests open all connections. */
  keptOnly?: boolean
}

type Target = Pick<ClusterShop, 'address' | 'trust'>

/** How long to wait for an answer until a request counts as failed (ms). */
const ANSWER_LIMIT = 15_000
/** The number of connections that are kept open. */
export const CONNECTIONS = 16
/** Maximum number of failures whose reason is kept. */
const REASONS_LIMIT = 20

/**
 * Sends `perSecond` requests a second until `signal` aborts, even if earlier ones are not answered yet. Every other request uses a kept
 * connection (HTTP/2 if the target supports it), the others each use a new one (HTTP/1.1). Repeats no request. Resolves when all are
 * answered.
 */
export async function steadyLoad(
  target: Target,
  { perSecond, next, atOnce = 1, keptOnly = false }: Load,
  signal: AbortSignal
): Promise<LoadResult> {
  const met: LoadResult = { sent: 0, writes: 0, seconds: 0, times: [], failures: [] }
  // Created once, because otherwise each new connection would parse the CA certificate again.
  const connect = { ...target.trust, secureContext: createSecureContext(target.trust) }
  const kept = new Agent({ connect, connections: CONNECTIONS, headersTimeout: ANSWER_LIMIT, bodyTimeout: ANSWER_LIMIT })
  const open = new Set<Promise<void>>()
  const start = performance.now()
  while (!signal.aborted) {
    for (let count = 0; count < atOnce; count++) send(next())
    await delay(Math.max(0, start + (met.sent * 1_000) / perSecond - performance.now()))
  }
  met.seconds = (performance.now() - start) / 1_000
  await Promise.all(open)
  await kept.close()
  return met

  function send(sent: Sent) {
    const isKept = met.sent++ % 2 === 0 || keptOnly
    if (sent.method !== 'GET') met.writes++
    const asking = ask(sent, isKept).finally(() => open.delete(asking))
    open.add(asking)
  }

  async function ask(sent: Sent, isKept: boolean) {
    const at = performance.now()
    const dispatcher = isKept
      ? kept
      : new Client(target.address, { connect, allowH2: false, headersTimeout: ANSWER_LIMIT })
    try {
      await exchange(dispatcher, target.address, sent)
      met.times.push({ at, ms: performance.now() - at })
    } catch (error) {
      const { message, code } = error as Error & { code?: string }
      const how = isKept ? 'a kept connection' : 'a new connection'
      if (met.failures.length < REASONS_LIMIT)
        met.failures.push(`${sent.method} ${sent.path} on ${how}: ${code ?? ''} ${message}`)
      else met.failures.push('')
    } finally {
      if (dispatcher !== kept) await dispatcher.destroy()
    }
  }
}

/** Sends one request and passes its answer on. Rejects if its status is not expected. */
export async function exchange(dispatcher: Dispatcher, origin: string, { answered, expected, ...sent }: Sent) {
  const { statusCode, body } = await dispatcher.request({
    origin,
    method: sent.method,
    path: sent.path,
    signal: AbortSignal.timeout(ANSWER_LIMIT),
    headers: {
      ...(sent.token && { authorization: `Bearer ${sent.token}` }),
      ...(sent.body && { 'content-type': 'application/json' }),
      ...sent.headers
    },
    ...(sent.body && { body: JSON.stringify(sent.body) })
  })
  const text = await body.text()
  if (!expected.includes(statusCode)) throw new Error(`${statusCode} ${text.slice(0, 200)}`)
  answered?.(text ? JSON.parse(text) : undefined)
}

/** Runs a load until `work` ends or fails. Resolves with the findings: those of `work`, and one for each failed request. */
export async function whileLoaded(
  target: Target,
  load: Load,
  work: () => Promise<string[]>
): Promise<{ met: LoadResult; findings: string[] }> {
  const stopping = new AbortController()
  const loading = steadyLoad(target, load, stopping.signal)
  const working = work()
    .catch(failureOf('the work under load'))
    .finally(() => stopping.abort())
  // If the load fails, the work goes on to its end, because nothing else would wait for it.
  const [loaded, worked] = await Promise.allSettled([loading, working])
  if (loaded.status === 'rejected') throw loaded.reason
  const met = loaded.value
  const found = worked.status === 'fulfilled' ? worked.value : []
  return {
    met,
    findings: [...found, ...met.failures.filter(Boolean), ...differenceOf('failed requests', 0, met.failures.length)]
  }
}

/** Returns findings if a load was too low. It may be 5 % below the planned rate, but never below `least` requests a second. */
export function loadShortfall(
  { sent, writes, seconds }: LoadResult,
  { perSecond }: Load,
  least: number,
  share: number
): string[] {
  const [rate, needed] = [sent / seconds, Math.max(least, 0.95 * perSecond)]
  return [
    ...(rate >= needed ? [] : [`the load was ${rate.toFixed(1)} requests a second, not ${needed.toFixed(1)}`]),
    ...(writes >= Math.floor(sent * share)
      ? []
      : [`${writes} of ${sent} requests were writes, a share below ${share.toFixed(2)}`])
  ]
}

/** Returns the 99th percentile in milliseconds of the requests that were sent from `from` to `to`; undefined if there were none. */
export function p99({ times }: LoadResult, from: number, to: number): number | undefined {
  const sorted = times
    .filter(({ at }) => at >= from && at < to)
    .map(({ ms }) => ms)
    .sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length * 0.99)]
}
