import { setTimeout as delay } from 'node:timers/promises'
import { type Load, startLoad } from '../../../packages/load/src/load.ts'
import type { Effect } from '../drill.ts'

/** The mean number of shoppers per second, and the highest number of shoppers at the same time. */
const [RATE, SHOPPERS] = [3, 60]
/** How often the failed requests are counted (ms). */
const PAUSE = 200
/** How long shoppers may finish what they began (ms). */
const FINISH_LIMIT = 20_000

/** A failed request: its step, the reason (a status or the code of a broken connection), and when it was seen (ms, `performance.now`). */
export type Failed = { step: string; reason: string; at: number }

/** Shoppers that play against the gateway, and the requests that failed. */
export type Shoppers = {
  failed: Failed[]
  /** The number of requests that were answered as expected. */
  answered: () => number
  /** Lets no more shoppers in, and resolves when the last one has left. Rejects for a defect of a journey. */
  leave: () => Promise<void>
}

/** Starts shoppers, who do not repeat a request that changes something. */
export function startShoppers(url: string): Shoppers {
  const [closing, leaving] = [new AbortController(), new AbortController()]
  const { signal: close } = closing
  const load = startLoad({ url, rate: RATE, shoppers: SHOPPERS, accounts: {}, close, leave: leaving.signal })
  const failed: Failed[] = []
  const watching = watch(load, failed, close)
  return {
    failed,
    answered: () => load.figures().requests.ok,
    async leave() {
      closing.abort()
      const hurry = setTimeout(() => leaving.abort(), FINISH_LIMIT)
      await Promise.all([load.ended, watching])
      clearTimeout(hurry)
    }
  }
}

async function watch({ figures }: Load, failed: Failed[], signal: AbortSignal) {
  let before: Record<string, number> = {}
  while (!signal.aborted) {
    await delay(PAUSE)
    const { errors } = figures()
    for (const [kind, count] of Object.entries(errors)) {
      const [step = '', reason = ''] = kind.split(': ')
      for (let more = count - (before[kind] ?? 0); more > 0; more--)
        failed.push({ step, reason, at: performance.now() })
    }
    before = errors
  }
}

/** Returns a line for each kind of failed request that is not declared. */
export function undeclared(failed: Failed[], { steps, reasons }: Effect): string[] {
  const isDeclared = ({ step, reason }: Failed) =>
    (steps === 'all' || steps.includes(step)) && reasons.some(each => reason.split(' ')[0] === String(each))
  return countsOf(failed.filter(each => !isDeclared(each))).map(each => `undeclared effect: ${each}`)
}

/** Returns how many requests failed, by step and reason. */
export function countsOf(failed: Failed[]): string[] {
  const groups = Map.groupBy(failed, ({ step, reason }) => `${step} ${reason.split(' ')[0]}`)
  return [...groups].map(([kind, { length }]) => `${length} × ${kind}`)
}
