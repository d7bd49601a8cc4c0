import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { mustBulkhead } from './bulkhead.ts'
import { deployWords, restore, within } from './deployed.ts'
import { installedPods } from './installed-pods.ts'
import { type Met, steadyLoad } from './load.ts'
import { differing, type Ground, type Part } from './part.ts'
import { openTraffic } from './traffic.ts'

const SERVICE = 'catalog'
const [LEAST, MOST] = [2, 3]
/** CPU of a replica from which on there is to be one more: a tenth of what the load takes on a small machine. */
const VALUES = `autoscaling.enabled=true,autoscaling.minReplicas=${LEAST},autoscaling.maxReplicas=${MOST},autoscaling.cpu=40m,autoscaling.scaleDownSeconds=5`
/** Requests a second: the load, and what goes on when it is over. */
const [RATE, AFTERWARDS] = [90, 4]
/** Milliseconds: until there are more replicas, until the load reaches them, until they are gone. */
const [UP, REACHES, DOWN] = [120_000, 60_000, 120_000]
/** Requests by which a replica has its part of the load. */
const PART = 20
const MANAGEMENT_PORT = 9_090

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
  await mustBulkhead(ground, [...(await deployWords(ground, SERVICE)), '--set', VALUES])
  const ready = async () => (await installedPods(cluster)).filter(({ name, isReady }) => name === SERVICE && isReady)
  // Kubernetes falls back to one replica as autoscaling is turned on.
  if (!(await within(UP, async () => (await ready()).length === LEAST && (await isMeasured(cluster)))))
    return [`the HPA of ${SERVICE} knows no CPU, or there are not ${LEAST} replicas`]
  const shop = await openShop()
  const traffic = await openTraffic(stack, SERVICE, shop)
  const before = new Set((await ready()).map(({ pod }) => pod))
  const [loading, resting] = [new AbortController(), new AbortController()]
  const load = steadyLoad(shop, RATE, traffic.read, loading.signal)
  const rest = steadyLoad(shop, AFTERWARDS, traffic.read, resting.signal)
  const start = performance.now()
  const seconds = () => Math.round((performance.now() - start) / 1_000)
  const findings: string[] = []
  try {
    const added = async () => (await ready()).find(({ pod }) => !before.has(pod))
    const isUp = await within(UP, async () => (await added()) !== undefined)
    const upAfter = seconds()
    const one = await added()
    if (!isUp || !one) return [`no replica of ${SERVICE} was added within ${UP / 1_000} s of ${RATE} requests a second`]
    if (!(await within(REACHES, async () => (await readsOf(cluster, one.pod)) >= PART)))
      findings.push(`${one.pod} got ${await readsOf(cluster, one.pod)} requests within ${REACHES / 1_000} s`)
    const reachedAfter = seconds()
    loading.abort()
    if (!(await within(DOWN, async () => (await ready()).length === LEAST)))
      findings.push(`${SERVICE} has ${(await ready()).length} replicas ${DOWN / 1_000} s after the load`)
    say(`    a replica more after ${upAfter} s, reached after ${reachedAfter} s, gone after ${seconds()} s`)
  } finally {
    loading.abort()
    resting.abort()
  }
  const met = [await load, await rest]
  const failed = met.flatMap(({ failures }) => failures)
  say(`    ${met.reduce((sum, { sent }: Met) => sum + sent, 0)} requests, ${failed.length} failures`)
  return [...findings, ...failed.filter(Boolean), ...differing('failed requests', 0, failed.length)]
}

type Autoscaler = { status?: { currentMetrics?: unknown[] | null } }

async function isMeasured(cluster: Cluster): Promise<boolean> {
  const found = await cluster.get<Autoscaler>('horizontalpodautoscaler', SERVICE)
  return (found?.status?.currentMetrics?.length ?? 0) > 0
}

/** How many products a replica was asked for. */
async function readsOf(cluster: Cluster, pod: string): Promise<number> {
  const path = `/api/v1/namespaces/${cluster.namespace}/pods/${pod}:${MANAGEMENT_PORT}/proxy/metrics`
  const metrics = await cluster.kubectl(['get', '--raw', path])
  const line = /^bulkhead_request_duration_seconds_count\{operation="getProduct",status="200"\} (\d+)/m
  return Number(line.exec(metrics)?.[1] ?? 0)
}
