import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'

/** The targets API of Prometheus. `health` is `unknown` until the first scrape of a target. */
type Targets = { data: { activeTargets: { labels: { service: string }; health: 'up' | 'down' | 'unknown' }[] } }

const LIMIT = 60_000
const REQUEST_LIMIT = 2_000

/** Resolves with the names of all targets when a scrape has succeeded. Fails after a minute. */
export async function firstScrape(prometheus: string, signal: AbortSignal): Promise<string[]> {
  for (const limit = Date.now() + LIMIT; ; await delay(100)) {
    signal.throwIfAborted()
    const targets = await activeTargets(prometheus)
    if (targets.some(({ health }) => health === 'up')) return targets.map(({ labels }) => labels.service).sort()
    if (Date.now() > limit) {
      throw new Failure(
        `Prometheus reached no service within ${LIMIT / 1_000} seconds`,
        `See \`make status\` and ${prometheus}/targets`
      )
    }
  }
}

/** Reads the targets. None while Prometheus does not answer, because it may be restarting. */
async function activeTargets(prometheus: string) {
  try {
    const request = { signal: AbortSignal.timeout(REQUEST_LIMIT) }
    const answer = await fetch(`${prometheus}/api/v1/targets?state=active`, request)
    return ((await answer.json()) as Targets).data.activeTargets
  } catch {
    return []
  }
}
