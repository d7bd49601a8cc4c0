import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Stack } from '../services/stack.ts'
import { type Cluster, kubectlWithin } from './kubectl.ts'
import { namespaceOf, requireLabel } from './namespace.ts'
import { chartName } from './release-history.ts'
import { removeVolumes } from './volumes.ts'

type Listed = { name: string; chart: string }
type Pod = { metadata: { name: string }; spec: { terminationGracePeriodSeconds?: number } }

/** Helm's options to list releases in every state, including interrupted ones. */
const ALL_STATES = ['--deployed', '--failed', '--pending', '--uninstalling']
/** The limit of one `helm uninstall` (ms). */
const UNINSTALL_LIMIT = 90_000
/** How long pods may take after their grace period, and the namespace after its pods (seconds). */
const [POD_MARGIN, NAMESPACE_MARGIN] = [30, 60]

/**
 * Removes an installation with its namespace and its data. Resolves with false if there was none. If the namespace lacks our label
 * or has releases of other charts, fails and changes nothing. Can be called again after any other failure.
 */
export async function undeploy({ root }: Stack, cluster: Cluster): Promise<boolean> {
  const { namespace } = cluster
  const existing = await namespaceOf(cluster)
  if (existing) {
    requireLabel(existing, cluster)
    const releases = await ownReleases(root, cluster)
    const grace = await longestGrace(cluster)
    const uninstall = (names: string[]) =>
      Promise.all(names.map(name => cluster.helm(['uninstall', name, '--ignore-not-found'], UNINSTALL_LIMIT)))
    // Services still write to their stores while they drain, so the stores are removed after them.
    const isShared = (name: string) => /^(platform|event-log|.+-store)$/.test(name)
    await uninstall(releases.filter(name => !isShared(name)))
    await untilGone(cluster, servicePods(cluster), grace + POD_MARGIN)
    await uninstall(releases.filter(isShared))
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found'])
    await untilGone(cluster, wholeNamespace(cluster), grace + NAMESPACE_MARGIN)
  }
  await removeVolumes(cluster)
  return existing !== undefined
}

/** Lists the names of the releases. Fails if a release has a chart that is not in charts/. */
async function ownReleases(root: string, cluster: Cluster): Promise<string[]> {
  const charts = new Set(readdirSync(join(root, 'charts')))
  const releases: Listed[] = JSON.parse(await cluster.helm(['list', ...ALL_STATES, '--output', 'json']))
  const others = releases.filter(({ chart }) => !charts.has(chartName(chart)))
  if (others.length === 0) return releases.map(({ name }) => name)
  const names = others.map(({ name }) => name).join(' ')
  throw new Failure(
    `namespace ${cluster.namespace} has releases of charts that are not in charts/: ${names}`,
    `If you do not need them: helm uninstall ${names} --namespace ${cluster.namespace}`
  )
}

/** The longest grace period of the pods in the namespace (seconds). */
async function longestGrace(cluster: Cluster): Promise<number> {
  const { items } = (await cluster.get<{ items: Pod[] }>('pods')) ?? { items: [] }
  return Math.max(0, ...items.map(({ spec }) => spec.terminationGracePeriodSeconds ?? 0))
}

/** Objects that are being deleted. */
type Deletion = {
  /** The arguments of `kubectl wait`. */
  objects: string[]
  /** The subject of a message. */
  description: string
  /** Describes the objects that still exist. */
  left: () => Promise<string>
}

/** The deletion of the services' pods. */
const servicePods = (cluster: Cluster): Deletion => {
  const objects = ['pods', '--selector', 'app.kubernetes.io/component=service']
  return {
    objects,
    description: 'the pods of services are',
    async left() {
      const { items } = (await cluster.get<{ items: Pod[] }>(...objects)) ?? { items: [] }
      return items.map(({ metadata }) => metadata.name).join(' ')
    }
  }
}

/** The deletion of the namespace. Its conditions name the objects that Kubernetes still waits for. */
const wholeNamespace = (cluster: Cluster): Deletion => ({
  objects: [`namespace/${cluster.namespace}`],
  description: `namespace/${cluster.namespace} is`,
  async left() {
    const conditions = (await namespaceOf(cluster))?.status?.conditions ?? []
    return conditions.flatMap(({ status, message }) => (status === 'True' && message) || []).join('; ')
  }
})

async function untilGone(cluster: Cluster, { objects, description, left }: Deletion, seconds: number) {
  await kubectlWithin(cluster, ['wait', '--for=delete', ...objects], seconds).catch(async cause => {
    if (!/timed out|no answer within/.test((cause as Error).message)) throw cause
    const rest = await left().catch(() => '')
    throw new Failure(
      `${description} not gone after ${seconds} s${rest && `: ${rest}`}`,
      `Run it again to finish: bulkhead undeploy --namespace ${cluster.namespace}`,
      { cause }
    )
  })
}
