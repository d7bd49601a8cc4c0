import { setTimeout as delay } from 'node:timers/promises'
import type { Traffic } from '@bulkhead/testing/traffic'
import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { mustBulkhead } from './bulkhead.ts'
import { deployWords, restore, within } from './deployed.ts'
import { installedPods } from './installed-pods.ts'
import { CONNECTIONS, type Load, whileLoaded } from './load.ts'
import type { Ground, Part } from './part.ts'
import { type Counts, fairness, readsOf } from './shares.ts'
import { openTraffic } from './traffic.ts'

const SERVICE = 'catalog'
const [LEAST, MOST] = [2, 3]
/** Requests a second: the load, and what goes on when it is over. */
const [RATE, AFTERWARDS] = [90, 15]
/** Of the CPU that a replica takes under the load, that from which on there is to be one more: it is too much for the load, and enough for what goes on. */
const THRESHOLD = 0.7
/** Milliseconds: until the HPA knows the CPU, until there are more replicas, until the load reaches them, until they are gone. */
const [KNOWN, UP, REACHES, DOWN] = [120_000, 120_000, 60_000, 120_000]
/** Milliseconds between two looks: at the CPU, which is measured every 15 s, and at who got what of the load. */
const [CPU_PAUSE, WINDOW] = [20_000, 10_000]
/** Of what is everyone's fair part of the load, that by which a new replica has its own. */
const ENOUGH = 0.5

/** A loaded service gets replicas, the load on connections that were there before reaches them, and they go again. */
export const autoscaling: Part = {
  name: 'autoscaling up and down',
  async run(ground) {
    try {
      return await scale(ground)
    } finally {
      await restore(ground, SERVICE)
    }
  }
}

async function scale(ground: Ground): Promise<string[]> {
  const { stack, cluster, openShop, say } = ground
  // So much that nothing is scaled while it is measured what the load takes here.
  await autoscaleAt(ground, 64_000)
  const isAtRest = async () => (await ready(cluster)).length === LEAST && (await usageOf(cluster)) !== undefined
  // Kubernetes falls back to one replica as autoscaling is turned on.
  if (!(await within(KNOWN, isAtRest)))
    return [`the HPA of ${SERVICE} knows no CPU, or there are not ${LEAST} replicas`]
  const shop = await openShop()
  const traffic = await openTraffic(stack, SERVICE, shop)
  const old: Load = { perSecond: RATE, next: traffic.read, atOnce: CONNECTIONS, keptOnly: true }
  const up = await whileLoaded(shop, old, () => scaleUp(ground))
  const { met, findings } = await whileLoaded(shop, restOf(traffic), () => scaleDown(ground))
  say(`    ${up.met.sent} and ${met.sent} requests, ${up.met.failures.length} and ${met.failures.length} failures`)
  return [...up.findings, ...findings]
}

/** On new connections as well, which meet replicas that are about to go. */
const restOf = ({ read }: Traffic): Load => ({ perSecond: AFTERWARDS, next: read })

/** Under a load whose connections are all older than the replica that is added: it is to get its part of them. */
async function scaleUp(ground: Ground): Promise<string[]> {
  const { cluster, say } = ground
  const cpu = await usageUnderLoad(cluster)
  if (cpu === undefined) return [`the HPA of ${SERVICE} sees no CPU for ${RATE} requests a second`]
  const before = new Set((await ready(cluster)).map(({ pod }) => pod))
  const added = async () => (await ready(cluster)).find(({ pod }) => !before.has(pod))
  const start = performance.now()
  const seconds = () => Math.round((performance.now() - start) / 1_000)
  await autoscaleAt(ground, Math.round(cpu * THRESHOLD))
  await within(UP, async () => (await added()) !== undefined)
  const one = await added()
  if (!one) return [`no replica of ${SERVICE} was added within ${UP / 1_000} s of ${RATE} requests a second`]
  const upAfter = seconds()
  const part = await bestPart(cluster, one.pod)
  say(
    `    ${cpu}m of CPU a replica under load; one more after ${upAfter} s, ${percent(part)} of a fair part by ${seconds()} s`
  )
  return part >= ENOUGH
    ? []
    : [`${one.pod} got ${percent(part)} of its fair part within ${REACHES / 1_000} s, not ${percent(ENOUGH)}`]
}

async function scaleDown({ cluster, say }: Ground): Promise<string[]> {
  const start = performance.now()
  const isDown = await within(DOWN, async () => (await ready(cluster)).length === LEAST)
  say(`    gone ${Math.round((performance.now() - start) / 1_000)} s after the load`)
  const count = (await ready(cluster)).length
  return isDown ? [] : [`${SERVICE} has ${count} replicas ${DOWN / 1_000} s after the load`]
}

const percent = (part: number) => `${Math.round(part * 100)} %`

/** `millicores` a replica is what may be taken before there is one more. */
const autoscaleAt = async (ground: Ground, millicores: number) => {
  const values = `enabled=true,minReplicas=${LEAST},maxReplicas=${MOST},cpu=${millicores}m,scaleDownSeconds=5`
  const set = values.replace(/(^|,)/g, '$1autoscaling.')
  await mustBulkhead(ground, [...(await deployWords(ground, SERVICE)), '--set', set])
}

const ready = async (cluster: Cluster) =>
  (await installedPods(cluster)).filter(({ name, isReady }) => name === SERVICE && isReady)

type Autoscaler = { status?: { currentMetrics?: { resource?: { current: { averageValue: string } } }[] | null } }

/** Thousandths of a core that a replica takes on average, as the HPA knows it. */
async function usageOf(cluster: Cluster): Promise<number | undefined> {
  const found = await cluster.get<Autoscaler>('horizontalpodautoscaler', SERVICE)
  const value = found?.status?.currentMetrics?.[0]?.resource?.current.averageValue
  if (!value) return undefined
  return value.endsWith('m') ? Number.parseInt(value, 10) : 1_000 * Number(value)
}

/** The same once it has risen with the load, and rises no more; undefined where that does not come. */
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

/** The largest part of what would be fair that a pod got of the load in any window: a connection goes to whom it goes, as long as it lasts. */
async function bestPart(cluster: Cluster, pod: string): Promise<number> {
  const look = async (): Promise<Counts> => readsOf(cluster, await ready(cluster))
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
