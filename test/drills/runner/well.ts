import { setTimeout as delay } from 'node:timers/promises'
import type { Drill, Setting } from '../drill.ts'
import type { Fired } from './alerts.ts'
import { countsOf, type Shoppers } from './effect.ts'
import { type Observer, startObserver } from './observer.ts'

/** How long all must have been well before a fault (ms). */
const WELL_FOR = 6_000
/** How long it may take until all is well (ms). It is long, because a busy machine may be too slow for a while. */
const WELL_WITHIN = 240_000
const PAUSE = 250

/**
 * Starts an observer when the shoppers are well, and resolves with it when no alert fires that the drill could mistake for its own. If a
 * request fails meanwhile, it begins anew with a new observer, because an alert remembers failures longer than they last. Rejects if all is
 * not well within the limit.
 */
export async function observeWell(drill: Drill, setting: Setting, shoppers: Shoppers): Promise<Observer> {
  const limit = performance.now() + WELL_WITHIN
  let troubles: string[] = []
  while (performance.now() < limit) {
    await waitFor(() => areWell(shoppers), limit)
    troubles = countsOf(shoppers.failed)
    const observer = await startObserver(setting)
    const failuresBefore = shoppers.failed.length
    if (await isWell(drill, observer, () => shoppers.failed.length > failuresBefore, limit)) {
      shoppers.failed.length = 0
      return observer
    }
    const firing = observer.alerts.firing().map(({ alert, service }) => `${alert} of ${service}`)
    troubles = [...new Set(firing), ...countsOf(shoppers.failed)]
    await observer.close()
  }
  const reason = troubles.join(', ') || 'Prometheus does not reach all services'
  throw new Error(`All is not well before the fault, after ${WELL_WITHIN / 1_000} s: ${reason}`)
}

function areWell({ failed, answered }: Shoppers): boolean {
  return answered() > 0 && performance.now() - (failed.at(-1)?.at ?? 0) > WELL_FOR
}

/** Resolves with true when all was well for long enough, and with false if a request fails, or at the limit. */
async function isWell(drill: Drill, { alerts, seesAll }: Observer, hasFailure: () => boolean, limit: number) {
  const isMistakable = ({ severity, alert }: Fired) =>
    severity === 'page' || drill.tickets.some(ticket => ticket.alert === alert)
  let wellSince = performance.now()
  await waitFor(async () => {
    const isQuiet = alerts.silence() === 0 && !alerts.firing().some(isMistakable)
    if (!isQuiet || !(await seesAll().catch(() => false))) wellSince = performance.now()
    return hasFailure() || performance.now() - wellSince > WELL_FOR
  }, limit)
  return !hasFailure() && performance.now() - wellSince > WELL_FOR
}

async function waitFor(condition: () => boolean | Promise<boolean>, limit: number) {
  while (performance.now() < limit && !(await condition())) await delay(PAUSE)
}
