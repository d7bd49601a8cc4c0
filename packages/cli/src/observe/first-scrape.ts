import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'

/** The services of the first scrape, by its result. */
export type FirstScrape = { up: string[]; down: string[] }

/** The targets API of Prometheus. `health` is `unknown` until the first scrape of a target. */
type Targets = { data: { activeTargets: { labels: { service: string }; health: 'up' | 'down' | 'unknown' }[] } }

const LIMIT = 60_000
const REQUEST_LIMIT = 2_000

/** Resolves when Prometheus has scraped every target once and at least one of them answered. Fails after a minute. */
export async function firstScrape(prometheus: string, signal: AbortSignal): Promise<FirstScrape> {
  for (const limit = Date.now() + LIMIT; ; await delay(100)) {
    signal.throwIfAborted()
    const targets = await activeTargets(prometheus)
    const namesOf = (health: string) =>
      targets.filter(target => target.health === health).map(({ labels }) => labels.service)
    const up = namesOf('up')
    if (up.length > 0 && namesOf('unknown').length === 0) return { up, down: namesOf('down') }
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
