import { setTimeout as delay } from 'node:timers/promises'
import { localUrl, type Stack } from './stack.ts'

const LIMIT = 10_000
const ANSWER_LIMIT = 1_000
const PAUSE = 50

/**
 * Waits until the gateway has read the contract of every service. Before that, it answers 503 for the service. Resolves with the names of
 * the services to which it does not route after 10 seconds.
 */
export async function untilRouted({ services, portBase }: Stack, stop: AbortSignal): Promise<string[]> {
  if (!services.some(({ name }) => name === 'gateway')) return []
  let missing = services.map(({ name }) => name).filter(name => name !== 'gateway')
  for (const end = Date.now() + LIMIT; missing.length > 0 && Date.now() < end && !stop.aborted; ) {
    const routed = await Promise.all(missing.map(name => isRouted(`${localUrl(portBase)}/api/v1/${name}/`)))
    missing = missing.filter((_, index) => !routed[index])
    if (missing.length > 0) await delay(PAUSE)
  }
  return missing
}

/** True if the gateway knows the operations of a service. Then it answers with a status other than 503, such as 404. */
async function isRouted(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT) })
    await answer.body?.cancel()
    return answer.status !== 503
  } catch {
    return false
  }
}
