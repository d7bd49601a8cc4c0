import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Stack } from '../stack.ts'
import { type Cluster, kubectlWithin } from './kubectl.ts'
import { mustBeOurs, namespaceOf } from './namespace.ts'
import { chartName } from './release-history.ts'
import { removeVolumes } from './volumes.ts'

type Listed = { name: string; chart: string }
type Pod = { metadata: { name: string }; spec: { terminationGracePeriodSeconds?: number } }

/** Also those that a killed helm left. */
const EVERY_STATE = ['--deployed', '--failed', '--pending', '--uninstalling']
/** Milliseconds of one `helm uninstall`. */
const UNINSTALL_LIMIT = 90_000
/** Seconds that pods may take beyond the grace they have, and a namespace beyond its pods. */
const [PODS_BEYOND, NAMESPACE_BEYOND] = [30, 60]

/**
 * Takes an installation away, with its namespace and so its data. Resolves with whether there was one. Fails, with nothing done, for a
 * namespace that is not one of ours, and for one with releases of other charts, which would go with it. After any other failure it can be
 * run again.
 */
export async function undeploy({ root }: Stack, cluster: Cluster): Promise<boolean> {
  const { namespace } = cluster
  const found = await namespaceOf(cluster)
  if (found) {
    mustBeOurs(found, cluster)
    const releases = await ownReleases(root, cluster)
    const grace = await longestGrace(cluster)
    const uninstall = (names: string[]) =>
      Promise.all(names.map(name => cluster.helm(['uninstall', name, '--ignore-not-found'], UNINSTALL_LIMIT)))
    // A service that drains has something to tell its stores yet: they go when it is gone.
    const isGround = (name: string) => /^(platform|event-log|.+-store)$/.test(name)
    await uninstall(releases.filter(name => !isGround(name)))
    await untilGone(cluster, servicePods(cluster), grace + PODS_BEYOND)
    await uninstall(releases.filter(isGround))
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found'])
    await untilGone(cluster, wholeNamespace(cluster), grace + NAMESPACE_BEYOND)
  }
  await removeVolumes(cluster)
  return found !== undefined
}

/** The names of the releases, all of charts of ours. */
async function ownReleases(root: string, cluster: Cluster): Promise<string[]> {
  const charts = new Set(readdirSync(join(root, 'charts')))
  const releases: Listed[] = JSON.parse(await cluster.helm(['list', ...EVERY_STATE, '--output', 'json']))
  const others = releases.filter(({ chart }) => !charts.has(chartName(chart)))
  if (others.length === 0) return releases.map(({ name }) => name)
  const names = others.map(({ name }) => name).join(' ')
  throw new Failure(
    `namespace ${cluster.namespace} has releases of charts that are not in charts/: ${names}`,
    `Where they may go: helm uninstall ${names} --namespace ${cluster.namespace}`
  )
}

/** The most seconds that a pod of the namespace has to end. */
async function longestGrace(cluster: Cluster): Promise<number> {
  const { items } = (await cluster.get<{ items: Pod[] }>('pods')) ?? { items: [] }
  return Math.max(0, ...items.map(({ spec }) => spec.terminationGracePeriodSeconds ?? 0))
}

/** What is to be gone: as `kubectl wait` takes it, in words, and what is told of it where it is not. */
type Going = { what: string[]; words: string; left: () => Promise<string> }

/** The pods of services. */
const servicePods = (cluster: Cluster): Going => {
  const what = ['pods', '--selector', 'app.kubernetes.io/component=service']
  return {
    what,
    words: 'pods of services are',
    async left() {
      const { items } = (await cluster.get<{ items: Pod[] }>(...what)) ?? { items: [] }
      return items.map(({ metadata }) => metadata.name).join(' ')
    }
  }
}

/** The namespace; what is told of it is what Kubernetes says that it still waits for. */
const wholeNamespace = (cluster: Cluster): Going => ({
  what: [`namespace/${cluster.namespace}`],
  words: `namespace/${cluster.namespace} is`,
  async left() {
    const conditions = (await namespaceOf(cluster))?.status?.conditions ?? []
    return conditions.flatMap(({ status, message }) => (status === 'True' && message) || []).join('; ')
  }
})

async function untilGone(cluster: Cluster, { what, words, left }: Going, seconds: number) {
  await kubectlWithin(cluster, ['wait', '--for=delete', ...what], seconds).catch(async cause => {
    if (!/timed out|no answer within/.test((cause as Error).message)) throw cause
    const rest = await left().catch(() => '')
    throw new Failure(
      `${words} not gone after ${seconds} s${rest && `: ${rest}`}`,
      `Run it again: bulkhead undeploy --namespace ${cluster.namespace} goes on, and removes what volumes are ours`,
      { cause }
    )
  })
}
