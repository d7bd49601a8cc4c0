import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import type { InstalledPod } from '../installation/installed-pods.ts'
import { readMetrics, sumOf } from './pod-metrics.ts'

/** The number of answered requests, by pod. */
export type Counts = Map<string, number>

/** Reads from each pod how many times it was asked for a product. */
export async function countReads(cluster: Cluster, pods: InstalledPod[]): Promise<Counts> {
  const labels = { operation: 'getProduct', status: '200' }
  const counts = pods.map(async ({ pod }) => {
    const metrics = await readMetrics(cluster, pod)
    return [pod, sumOf(metrics, 'bulkhead_request_duration_seconds_count', labels)] as const
  })
  return new Map(await Promise.all(counts))
}

/** Returns a pod's share of the requests between two readings, divided by its fair share: 1 if it got the average. */
export function fairness(before: Counts, after: Counts, pod: string): number {
  const got = (one: string) => (after.get(one) ?? 0) - (before.get(one) ?? 0)
  const total = [...after.keys()].reduce((sum, one) => sum + got(one), 0)
  return total > 0 ? (got(pod) * after.size) / total : 0
}
