import { setTimeout as delay } from 'node:timers/promises'
import { createSecureContext } from 'node:tls'
import type { Sent } from '@bulkhead/testing/traffic'
import { Agent, Client, type Dispatcher } from 'undici'
import type { ClusterShop } from '../../packages/cli/src/cluster/shop.ts'
import { brokenOff, differing } from './part.ts'

/** What a load met in so many seconds: milliseconds of each request by when it was sent, and why some failed. */
export type Met = {
  sent: number
  writes: number
  seconds: number
  times: { at: number; ms: number }[]
  failures: string[]
}

export type Load = {
  perSecond: number
  next: () => Sent
  /** Requests that are sent at the same moment: 1 where it is not given. */
  atOnce?: number
  /** No request on a new connection: with `CONNECTIONS` at once, all are opened by the first of them. */
  keptOnly?: boolean
}

type Target = Pick<ClusterShop, 'address' | 'trust'>

/** Milliseconds after which an answer counts as none. */
const ANSWER_LIMIT = 15_000
/** Connections that are kept. */
export const CONNECTIONS = 16
/** Failures that are kept with their reason. */
const MOST_SHOWN = 20

/**
 * Sends `perSecond` requests a second, whether those before are answered or not, until `signal` aborts: every other one on connections that
 * are kept (HTTP/2 where the target has it), the others on a new one each (HTTP/1.1), and none of them again. Resolves when all are
 * answered.
 */
export async function steadyLoad(
  target: Target,
  { perSecond, next, atOnce = 1, keptOnly = false }: Load,
  signal: AbortSignal
): Promise<Met> {
  const met: Met = { sent: 0, writes: 0, seconds: 0, times: [], failures: [] }
  // Made once: each new connection would read the certificate of the authority again.
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
      if (met.failures.length < MOST_SHOWN)
        met.failures.push(`${sent.method} ${sent.path} on ${how}: ${code ?? ''} ${message}`)
      else met.failures.push('')
    } finally {
      if (dispatcher !== kept) await dispatcher.destroy()
    }
  }
}

/** Sends one request, and tells of its answer. Rejects with any that is not expected. */
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

/**
 * A load for as long as `work` takes, however that ends. Resolves with what was found wrong: by `work`, which may be broken off, and each
 * request that failed.
 */
export async function whileLoaded(
  target: Target,
  load: Load,
  work: () => Promise<string[]>
): Promise<{ met: Met; findings: string[] }> {
  const stopping = new AbortController()
  const loading = steadyLoad(target, load, stopping.signal)
  const working = work()
    .catch(brokenOff('what is done under load'))
    .finally(() => stopping.abort())
  // A load that can't go on is told of when the work is done, which nobody would wait for otherwise.
  const [loaded, worked] = await Promise.allSettled([loading, working])
  if (loaded.status === 'rejected') throw loaded.reason
  const met = loaded.value
  const found = worked.status === 'fulfilled' ? worked.value : []
  return {
    met,
    findings: [...found, ...met.failures.filter(Boolean), ...differing('failed requests', 0, met.failures.length)]
  }
}

/** What of a load was less than it was to be: the generator may be late by a twentieth, and `least` requests a second are needed at least. */
export function tooLittle({ sent, writes, seconds }: Met, { perSecond }: Load, least: number, share: number): string[] {
  const [rate, needed] = [sent / seconds, Math.max(least, 0.95 * perSecond)]
  return [
    ...(rate >= needed ? [] : [`the load was ${rate.toFixed(1)} requests a second, not ${needed.toFixed(1)}`]),
    ...(writes >= Math.floor(sent * share)
      ? []
      : [`${writes} of ${sent} requests were writes, which is less than ${share.toFixed(2)}`])
  ]
}

/** The 99th of a hundred, in milliseconds, of the requests that were sent from `from` to `to`; undefined for none. */
export function p99({ times }: Met, from: number, to: number): number | undefined {
  const sorted = times
    .filter(({ at }) => at >= from && at < to)
    .map(({ ms }) => ms)
    .sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length * 0.99)]
}
