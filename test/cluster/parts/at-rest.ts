import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import { installedPods } from '../installation/installed-pods.ts'
import type { Installation, Part } from '../part.ts'

type Deployment = { status: { readyReplicas?: number } }
type StatefulSet = { metadata: { name: string }; spec: { template: { spec: { containers: { image: string }[] } } } }
type Class = { spec: { controllerName: string } }
type Metrics = { items: { metadata: { name: string }; containers: { name: string; usage: { memory: string } }[] }[] }

const [REPLICAS, MOST_MIB] = [2, 110]
/**
 * Times in ms: within `LIMIT`, metrics must be available and the memory of earlier requests must be freed. `PAUSE` is the time between two
 * readings.
 */
const [LIMIT, PAUSE] = [150_000, 5_000]

/** Checks that every service has its replicas, and that they use little memory without requests. */
export const atRest: Part = {
  name: 'two ready replicas, small at rest',
  async run(installation) {
    await printStoresAndIngress(installation)
    const counts = await Promise.all(
      installation.stack.services.map(async ({ name }) => {
        const found = await installation.cluster.get<Deployment>('deployment', name)
        const ready = found?.status.readyReplicas ?? 0
        return ready === REPLICAS ? [] : [`${name} has ${ready} ready replicas, not ${REPLICAS}`]
      })
    )
    return [...counts.flat(), ...(await memory(installation))]
  }
}

/** Prints which stores and which ingress the tests use. */
async function printStoresAndIngress({ cluster, say }: Installation) {
  const stores = await cluster.get<{ items: StatefulSet[] }>('statefulsets')
  const images = stores?.items.flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image)) ?? []
  const gateway = await cluster.get<{ spec: { gatewayClassName: string } }>('gateway', 'bulkhead')
  const name = gateway?.spec.gatewayClassName
  const found = name ? await cluster.get<Class>('gatewayclass', name) : undefined
  say(`    stores: ${[...new Set(images)].sort().join(', ') || 'outside the cluster'}`)
  say(`    ingress: ${found ? `Gateway API, class ${name} of ${found.spec.controllerName}` : 'no Gateway'}`)
}

/** Waits until all replicas use little memory, and prints the memory of each. */
async function memory({ cluster, stack, say }: Installation): Promise<string[]> {
  const isService = new Set(stack.services.map(({ name }) => name))
  for (const limit = Date.now() + LIMIT; ; await delay(PAUSE)) {
    const pods = (await installedPods(cluster)).filter(({ name }) => isService.has(name))
    const used = await workingSets(cluster)
    const unknown = pods.filter(({ pod }) => !used.has(pod)).map(({ pod }) => `${pod} has no metrics`)
    const large = pods.filter(({ pod }) => (used.get(pod) ?? 0) > MOST_MIB)
    if (unknown.length + large.length > 0 && Date.now() < limit) continue
    for (const service of isService) {
      const mebibytes = pods.filter(({ name }) => name === service).map(({ pod }) => used.get(pod) ?? '?')
      say(`    ${service.padEnd(12)} ${mebibytes.map(each => `${each} MiB`.padStart(8)).join('  ')}`)
    }
    return [...unknown, ...large.map(({ pod }) => `${pod} has a working set of ${used.get(pod)} MiB at rest`)]
  }
}

/** Reads the working sets in MiB from the metrics API, by pod. */
async function workingSets(cluster: Cluster): Promise<Map<string, number>> {
  const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${cluster.namespace}/pods`
  const { items } = JSON.parse(await cluster.kubectl(['get', '--raw', path])) as Metrics
  const kibibytes = (memory: string) => Number.parseInt(memory, 10)
  return new Map(
    items.map(({ metadata, containers }) => [
      metadata.name,
      Math.round(containers.reduce((sum, { usage }) => sum + kibibytes(usage.memory), 0) / 1_024)
    ])
  )
}
