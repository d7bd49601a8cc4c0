import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'

type Pod = {
  metadata: { name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string }
  status: { containerStatuses?: { restartCount: number }[] }
}

const NAME = 'app.kubernetes.io/name'
const COMPONENT = 'app.kubernetes.io/component'
const MANAGEMENT_PORT = 9090

const servicesAndStores = async (cluster: Cluster): Promise<Pod[]> => {
  const found = await cluster.get<{ items: Pod[] }>('pods', '--selector', `${COMPONENT} in (service, store)`)
  return found?.items.filter(({ metadata }) => !metadata.deletionTimestamp) ?? []
}

/** The pods of all services and stores but one, each with its identity and how often it was restarted. */
export async function podsOf(cluster: Cluster, but?: string): Promise<string[]> {
  const pods = await servicesAndStores(cluster)
  return pods
    .filter(({ metadata }) => metadata.labels[NAME] !== but)
    .map(({ metadata: { name, uid }, status }) => `${name} ${uid} ${status.containerStatuses?.[0]?.restartCount ?? 0}`)
    .sort()
}

/** How often the services but one asked others again, as the metrics of their pods say. */
export async function retriesOf(cluster: Cluster, but: string): Promise<number> {
  const pods = (await servicesAndStores(cluster)).filter(
    ({ metadata: { labels } }) => labels[COMPONENT] === 'service' && labels[NAME] !== but
  )
  const counts = await Promise.all(
    pods.map(async ({ metadata: { name } }) => {
      const path = `/api/v1/namespaces/${cluster.namespace}/pods/${name}:${MANAGEMENT_PORT}/proxy/metrics`
      const metrics = await cluster.kubectl(['get', '--raw', path]).catch(() => '')
      const values = [...metrics.matchAll(/^bulkhead_client_retries_total\{.*\} (\d+)/gm)]
      return values.reduce((sum, [, value]) => sum + Number(value), 0)
    })
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
