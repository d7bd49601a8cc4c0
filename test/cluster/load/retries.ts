import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import { identityOf, installedPods } from '../installation/installed-pods.ts'
import { readMetrics, sumOf } from './pod-metrics.ts'

const GATEWAY = 'gateway'

/** The number of retries of each pod since it started, by the pod's identity. Undefined for a pod that did not answer. */
export type Reading = Map<string, { service: string; count: number | undefined }>

/** Reads the retries of the pods of all services, or of one service. */
export async function readRetries(cluster: Cluster, service?: string): Promise<Reading> {
  const pods = (await installedPods(cluster)).filter(
    ({ name, isService }) => isService && (!service || name === service)
  )
  const counted = pods.map(async pod => {
    const count = await readMetrics(cluster, pod.pod).then(
      metrics => sumOf(metrics, 'bulkhead_client_retries_total'),
      () => undefined
    )
    return [identityOf(pod), { service: pod.name, count }] as const
  })
  return new Map(await Promise.all(counted))
}

/** Describes the retries since the first reading. The retries that a pod made after its last reading are unknown. */
export function retriesIn([first, ...later]: [Reading, ...Reading[]]): string {
  const latest = new Map([first, ...later].flatMap(reading => [...reading]))
  const sum = (isCounted: (service: string) => boolean) => {
    const counts = [...latest]
      .filter(([, { service }]) => isCounted(service))
      .map(([identity, { count }]) => Number(count) - Number(first.has(identity) ? first.get(identity)?.count : 0))
      .reduce((sum, count) => sum + count, 0)
    return Number.isNaN(counts) ? 'unknown' : counts
  }
  const [gateway, others] = [sum(service => service === GATEWAY), sum(service => service !== GATEWAY)]
  return `retries: ${gateway} of the gateway, ${others} of other services (without those after a pod was last asked)`
}
