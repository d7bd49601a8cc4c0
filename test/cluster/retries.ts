import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { identityOf, installedPods } from './installed-pods.ts'
import { readMetrics, totalOf } from './pod-metrics.ts'

const GATEWAY = 'gateway'

/** What each pod has counted since it started, by its identity; undefined where it could not be asked. */
export type Reading = Map<string, { service: string; count: number | undefined }>

/** How often the pods of all services, or of one, asked others again. */
export async function readRetries(cluster: Cluster, of?: string): Promise<Reading> {
  const pods = (await installedPods(cluster)).filter(({ name, isService }) => isService && (!of || name === of))
  const counted = pods.map(async pod => {
    const count = await readMetrics(cluster, pod.pod).then(
      metrics => totalOf(metrics, 'bulkhead_client_retries_total'),
      () => undefined
    )
    return [identityOf(pod), { service: pod.name, count }] as const
  })
  return new Map(await Promise.all(counted))
}

/** The retries since the first reading, in words. What a pod counted between its last reading and its end nobody knows. */
export function retriesIn([first, ...later]: [Reading, ...Reading[]]): string {
  const latest = new Map([first, ...later].flatMap(reading => [...reading]))
  const sum = (isCounted: (service: string) => boolean) => {
    const counts = [...latest]
      .filter(([, { service }]) => isCounted(service))
      .map(([identity, { count }]) => Number(count) - Number(first.has(identity) ? first.get(identity)?.count : 0))
      .reduce((sum, count) => sum + count, 0)
    return Number.isNaN(counts) ? 'unknown' : counts
  }
  const [ours, others] = [sum(service => service === GATEWAY), sum(service => service !== GATEWAY)]
  return `retries: ${ours} of the gateway, ${others} of other services (without what pods counted after they were last asked)`
}
