import { setTimeout as delay } from 'node:timers/promises'
import type { Traffic } from '@bulkhead/testing/traffic'
import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import { runBulkhead } from '../installation/bulkhead.ts'
import { deployArguments, isTrueWithin, restore } from '../installation/deployment.ts'
import { installedPods } from '../installation/installed-pods.ts'
import { type Counts, countReads, fairness } from '../load/shares.ts'
import { CONNECTIONS, type Load, whileLoaded } from '../load/steady-load.ts'
import { openTraffic } from '../load/traffic.ts'
import type { Installation, Part } from '../part.ts'

const SERVICE = 'catalog'
const [LEAST, MOST] = [2, 3]
/** The requests per second: `RATE` under load, then `AFTERWARDS`. */
const [RATE, AFTERWARDS] = [90, 15]
/** The HPA's target, as a fraction of a replica's CPU under load. The load exceeds it, and the later requests do not. */
const THRESHOLD = 0.7
/** Limits in ms: until the HPA knows the CPU, until a replica is added, until the load reaches that replica, until it is removed. */
const [KNOWN, UP, REACHES, DOWN] = [120_000, 120_000, 60_000, 120_000]
/** The time between two readings (ms): of the CPU, which Kubernetes measures every 15 s, and of the requests of each pod. */
const [CPU_PAUSE, WINDOW] = [20_000, 10_000]
/** The minimum share of the load for a new replica, as a fraction of its fair share. */
const ENOUGH = 0.5

/** Checks that a service under load gets a new replica, that it gets requests of existing connections, and that it is removed later. */
export const autoscaling: Part = {
  name: 'autoscaling up and down',
  async run(installation) {
    try {
      return await scale(installation)
    } finally {
      await restore(installation, SERVICE)
    }
  }
}

async function scale(installation: Installation): Promise<string[]> {
  const { stack, cluster, openShop, say } = installation
  // A target so high that nothing scales while the test measures the CPU of the load.
  await autoscaleAt(installation, 64_000)
  const isAtRest = async () => (await ready(cluster)).length === LEAST && (await usageOf(cluster)) !== undefined
  // When autoscaling is turned on, Kubernetes first falls back to one replica.
  if (!(await isTrueWithin(KNOWN, isAtRest)))
    return [`the HPA of ${SERVICE} shows no CPU, or there are not ${LEAST} replicas`]
  const shop = await openShop()
  const traffic = await openTraffic(stack, SERVICE, shop)
  const old: Load = { perSecond: RATE, next: traffic.read, atOnce: CONNECTIONS, keptOnly: true }
  const up = await whileLoaded(shop, old, () => scaleUp(installation))
  const { met, findings } = await whileLoaded(shop, lowLoad(traffic), () => scaleDown(installation))
  say(`    ${up.met.sent} and ${met.sent} requests, ${up.met.failures.length} and ${met.failures.length} failures`)
  return [...up.findings, ...findings]
}

/** Half of these requests use new connections, which may reach replicas that are about to stop. */
const lowLoad = ({ read }: Traffic): Load => ({ perSecond: AFTERWARDS, next: read })

/** Adds a replica under a load whose connections are all older than the replica. The replica must get its share of the requests. */
async function scaleUp(installation: Installation): Promise<string[]> {
  const { cluster, say } = installation
  const cpu = await usageUnderLoad(cluster)
  if (cpu === undefined) return [`the HPA of ${SERVICE} shows no CPU under ${RATE} requests a second`]
  const before = new Set((await ready(cluster)).map(({ pod }) => pod))
  const added = async () => (await ready(cluster)).find(({ pod }) => !before.has(pod))
  const start = performance.now()
  const seconds = () => Math.round((performance.now() - start) / 1_000)
  await autoscaleAt(installation, Math.round(cpu * THRESHOLD))
  await isTrueWithin(UP, async () => (await added()) !== undefined)
  const one = await added()
  if (!one) return [`no replica of ${SERVICE} was added within ${UP / 1_000} s under ${RATE} requests a second`]
  const upAfter = seconds()
  const part = await bestPart(cluster, one.pod)
  say(
    `    ${cpu}m of CPU for each replica under load; one more replica after ${upAfter} s, ${percent(part)} of its fair share after ${seconds()} s`
  )
  return part >= ENOUGH
    ? []
    : [`${one.pod} got ${percent(part)} of its fair share within ${REACHES / 1_000} s, not ${percent(ENOUGH)}`]
}

async function scaleDown({ cluster, say }: Installation): Promise<string[]> {
  const start = performance.now()
  const isDown = await isTrueWithin(DOWN, async () => (await ready(cluster)).length === LEAST)
  say(`    the replica was removed ${Math.round((performance.now() - start) / 1_000)} s after the load ended`)
  const count = (await ready(cluster)).length
  return isDown ? [] : [`${SERVICE} has ${count} replicas ${DOWN / 1_000} s after the load`]
}

const percent = (part: number) => `${Math.round(part * 100)} %`

/** Turns autoscaling on. A replica is added above `millicores` of CPU for each replica. */
const autoscaleAt = async (installation: Installation, millicores: number) => {
  const values = `enabled=true,minReplicas=${LEAST},maxReplicas=${MOST},cpu=${millicores}m,scaleDownSeconds=5`
  const set = values.replace(/(^|,)/g, '$1autoscaling.')
  await runBulkhead(installation, [...(await deployArguments(installation, SERVICE)), '--set', set])
}

const ready = async (cluster: Cluster) =>
  (await installedPods(cluster)).filter(({ name, isReady }) => name === SERVICE && isReady)

type Autoscaler = { status?: { currentMetrics?: { resource?: { current: { averageValue: string } } }[] | null } }

/** Reads the average CPU of a replica in millicores from the HPA. */
async function usageOf(cluster: Cluster): Promise<number | undefined> {
  const found = await cluster.get<Autoscaler>('horizontalpodautoscaler', SERVICE)
  const value = found?.status?.currentMetrics?.[0]?.resource?.current.averageValue
  if (!value) return undefined
  return value.endsWith('m') ? Number.parseInt(value, 10) : 1_000 * Number(value)
}

/** Waits until the average CPU under load has stopped rising, and resolves with it; undefined if that never happens. */
async function usageUnderLoad(cluster: Cluster): Promise<number | undefined> {
  const atRest = (await usageOf(cluster)) ?? 0
  let before = Number.NaN
  for (const limit = Date.now() + KNOWN; Date.now() < limit; ) {
    await delay(CPU_PAUSE)
    const now = (await usageOf(cluster)) ?? 0
    if (now > 2 * atRest && now <= 1.1 * before) return now
    before = now
  }
  return undefined
}

/**
 * Measures a pod's share of the load in several windows, as a fraction of its fair share. Resolves with the largest one. One window is not
 * enough, because a connection stays with its pod until it closes.
 */
async function bestPart(cluster: Cluster, pod: string): Promise<number> {
  const look = async (): Promise<Counts> => countReads(cluster, await ready(cluster))
  let best = 0
  let before = await look()
  for (const limit = Date.now() + REACHES; best < ENOUGH && Date.now() < limit; ) {
    await delay(WINDOW)
    const now = await look()
    best = Math.max(best, fairness(before, now, pod))
    before = now
  }
  return best
}
