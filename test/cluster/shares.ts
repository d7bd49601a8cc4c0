import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import type { InstalledPod } from './installed-pods.ts'
import { readMetrics, totalOf } from './pod-metrics.ts'

/** Requests that were answered, by pod. */
export type Counts = Map<string, number>

/** How many products each of these pods was asked for. */
export async function readsOf(cluster: Cluster, pods: InstalledPod[]): Promise<Counts> {
  const labels = { operation: 'getProduct', status: '200' }
  const counts = pods.map(async ({ pod }) => {
    const metrics = await readMetrics(cluster, pod)
    return [pod, totalOf(metrics, 'bulkhead_request_duration_seconds_count', labels)] as const
  })
  return new Map(await Promise.all(counts))
}

/** What a pod got between two looks, as a part of what would be fair: 1 where it got as much as each other on average. */
export function fairness(before: Counts, after: Counts, pod: string): number {
  const got = (one: string) => (after.get(one) ?? 0) - (before.get(one) ?? 0)
  const total = [...after.keys()].reduce((sum, one) => sum + got(one), 0)
  return total > 0 ? (got(pod) * after.size) / total : 0
}
