import { setTimeout as delay } from 'node:timers/promises'
import { audit } from '../../faults/audit/audit.ts'
import { repeatDuring } from '../../faults/storm.ts'
import type { Shop } from '../../faults/testbed/shop.ts'
import { type Drill, type FiringAlert, LONGEST_FAULT, type Setting } from '../drill.ts'
import type { Fired } from './alerts.ts'
import { countsOf, type Failed, type Shoppers, startShoppers, undeclared } from './effect.ts'
import { leftBehind, tracesOf } from './leftovers.ts'
import type { Observer } from './observer.ts'
import { observeWell } from './well.ts'

/** Clients per storm, and how many of them are active at the same time. They repeat failed requests, and the audit checks their answers. */
const [CLIENTS, TOGETHER] = [4, 2]
/** How long all must have been well after a fault (ms). */
const WELL_AFTER = 5_000
/** How long an undo may take (ms). */
const UNDO_WITHIN = 60_000
/** The page with this window ends only when its short window of half an hour has no failed requests left. No drill waits for it. */
const LONG_WINDOW = '6h'
const PAUSE = 250

/** The result of a drill, with times in seconds. */
export type Result = {
  drill: Drill
  /** Failed requests by step and reason. */
  effect: string[]
  /** The alerts that fired. */
  alerts: Fired[]
  /** From the removal of the fault until the last failed request; 0 if none failed. */
  clientsWellAfter: number
  /** From the removal of the fault until no page and no declared ticket fired. */
  alertsResolvedAfter: number
  seconds: number
  /** All that was not as declared. */
  findings: string[]
  /** True if the books are wrong or something was left behind: the next drill would find the same. */
  isSpoilt: boolean
}

/**
 * Runs a drill: waits until all is well, causes the fault while shoppers and patient clients order, removes it, waits until all is well
 * again, and audits the books. Rejects if all is not well before the fault.
 */
export async function runDrill(
  drill: Drill,
  setting: Setting,
  shop: Shop,
  say: (line: string) => void
): Promise<Result> {
  const started = performance.now()
  const before = await tracesOf(setting.testbed)
  const shoppers = startShoppers(setting.testbed.gateway)
  let observer: Observer | undefined
  try {
    observer = await observeWell(drill, setting, shoppers)
    const during = duringFault(drill, setting, observer, shoppers, say)
    const course = await repeatDuring(during, () => shop.storm(CLIENTS, TOGETHER))
    await shoppers.leave()
    await observer.alerts.close()
    const books = audit(await shop.booksAtRest(books => audit(books).length === 0, true))
    const left = await leftBehind(setting.testbed, before)
    return {
      drill,
      effect: countsOf(course.failed),
      alerts: course.alerts,
      clientsWellAfter: course.clientsWellAfter,
      alertsResolvedAfter: course.alertsResolvedAfter,
      seconds: secondsSince(started),
      findings: [...course.findings, ...books, ...left],
      isSpoilt: books.length > 0 || left.length > 0
    }
  } finally {
    await shoppers.leave()
    await observer?.close()
  }
}

/** The result of a drill that was not run to its end. */
export const failed = (drill: Drill, error: Error): Result => ({
  drill,
  effect: [],
  alerts: [],
  clientsWellAfter: 0,
  alertsResolvedAfter: 0,
  seconds: 0,
  findings: [`not run to its end: ${error.stack}`],
  isSpoilt: true
})

type Course = Pick<Result, 'alerts' | 'clientsWellAfter' | 'alertsResolvedAfter' | 'findings'> & { failed: Failed[] }

async function duringFault(
  drill: Drill,
  setting: Setting,
  { alerts }: Observer,
  { failed }: Shoppers,
  say: (line: string) => void
): Promise<Course> {
  const { name, effect, recoversWithin, effectEndsAfter } = drill
  const causedAt = performance.now()
  const undo = await drill.cause(setting)
  say(`  the fault is in effect: ${name}`)
  const beganAt = performance.now()
  try {
    await delay(drill.lasts)
    while (missing(drill, alerts.fired()).length > 0 && performance.now() - beganAt < LONGEST_FAULT) await delay(PAUSE)
  } finally {
    await within(UNDO_WITHIN, 'Removing the fault', undo())
  }
  const removedAt = performance.now()
  say(`  the fault is removed after ${Math.round((removedAt - beganAt) / 1_000)} s`)
  const late = failed.filter(({ at }) => at > beganAt + (effectEndsAfter ?? Number.POSITIVE_INFINITY) && at < removedAt)
  const isAwaited = (each: Fired) =>
    each.severity === 'page' ? each.window !== LONG_WINDOW : drill.tickets.some(sameAs(each))
  const isAlerting = () => alerts.firing().some(isAwaited)

  let resolvedAt = removedAt
  for (let now = removedAt; ; await delay(PAUSE), now = performance.now()) {
    if (isAlerting()) resolvedAt = now
    const isWell = now - resolvedAt > WELL_AFTER && now - (failed.at(-1)?.at ?? 0) > WELL_AFTER
    if (isWell || now - removedAt > recoversWithin + WELL_AFTER) break
  }
  const lastFailure = failed.at(-1)?.at ?? 0
  const clientsWellAfter = Math.max(0, lastFailure - removedAt) / 1_000
  const alertsResolvedAfter = (resolvedAt - removedAt) / 1_000
  const limit = recoversWithin / 1_000
  return {
    failed: failed.filter(({ at }) => at >= causedAt),
    alerts: alerts.fired(),
    clientsWellAfter,
    alertsResolvedAfter,
    findings: [
      ...undeclared(failed, effect),
      ...(late.length > 0 ? [`the effect lasts too long: ${countsOf(late).join(', ')}`] : []),
      ...missing(drill, alerts.fired()).map(({ alert, service }) => `${alert} of ${service} does not fire`),
      ...undeclaredPages(drill, alerts.fired()),
      ...(clientsWellAfter > limit ? [`clients see an effect for longer than ${limit} s`] : []),
      ...(alertsResolvedAfter > limit ? [`alerts fire for longer than ${limit} s after the fault`] : [])
    ]
  }
}

const sameAs = (one: FiringAlert) => (other: FiringAlert) => one.alert === other.alert && one.service === other.service

/** The declared alerts that have not fired with their severity. */
const missing = ({ pages, tickets }: Drill, fired: Fired[]): FiringAlert[] => [
  ...pages.filter(page => !fired.some(each => each.severity === 'page' && sameAs(page)(each))),
  ...tickets.filter(ticket => !fired.some(each => each.severity === 'ticket' && sameAs(ticket)(each)))
]

const undeclaredPages = ({ pages, possiblePages = [] }: Drill, fired: Fired[]): string[] =>
  fired
    .filter(each => each.severity === 'page' && ![...pages, ...possiblePages].some(sameAs(each)))
    .map(({ alert, service }) => `undeclared page: ${alert} of ${service}`)

async function within<T>(milliseconds: number, what: string, work: Promise<T> | T): Promise<T> {
  const done = new AbortController()
  const limit = delay(milliseconds, undefined, { signal: done.signal }).then(() => {
    throw new Error(`${what} takes longer than ${milliseconds / 1_000} s`)
  })
  limit.catch(() => undefined)
  try {
    return await Promise.race([work, limit])
  } finally {
    done.abort()
  }
}

const secondsSince = (start: number) => Math.round((performance.now() - start) / 1_000)
