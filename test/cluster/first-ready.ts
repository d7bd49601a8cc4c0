import { differing, type Ground, type Part, type Unrun } from './part.ts'

/** Seconds, on 2 cores, from images to all ready. */
const LIMIT = 180

type Condition = { type: string; reason?: string; lastUpdateTime: string }
export type Deployment = {
  metadata: { name: string; annotations?: Record<string, string> }
  status: { conditions?: Condition[] }
}

/**
 * How long it took from images to all ready: from the namespace, which comes first, to the last Deployment that had all its replicas
 * available for the first time.
 */
export const firstReady: Part = {
  name: 'from images to all ready',
  async run({ cluster, stack, say }: Ground): Promise<string[] | Unrun> {
    const namespace = await cluster.get<{ metadata: { creationTimestamp: string } }>('namespace', cluster.namespace)
    const services = stack.services.map(({ name }) => name)
    const found = (await cluster.get<{ items: Deployment[] }>('deployments', '--selector', SERVICES))?.items ?? []
    const missing = services.filter(name => !found.some(({ metadata }) => metadata.name === name))
    if (!namespace || missing.length > 0) return differing('services that are not there', [], missing)
    const last = lastAvailable(found)
    if ('unrun' in last) return last
    if (last.at === Number.POSITIVE_INFINITY) return [`${last.name} has never had all its replicas`]
    const seconds = (last.at - Date.parse(namespace.metadata.creationTimestamp)) / 1_000
    say(`    ${seconds} s to ${found.length} services at two replicas, ${last.name} was the last`)
    return seconds > LIMIT ? [`${seconds} s from the namespace until all were ready, not ${LIMIT}`] : []
  }
}

const SERVICES = 'app.kubernetes.io/component=service'
const REVISION = 'deployment.kubernetes.io/revision'

/**
 * Which had all replicas available last, and when, in milliseconds since 1970. A Deployment notes it once for each new set of pods, and not
 * again when one of them is replaced (kubernetes.io/docs, Deployment status): so it is known until the first upgrade.
 */
export function lastAvailable(deployments: Deployment[]): { name: string; at: number } | Unrun {
  const later = deployments.find(({ metadata }) => metadata.annotations?.[REVISION] !== '1')
  if (later) return { unrun: `${later.metadata.name} was upgraded since. Run: make undeploy deploy` }
  const times = deployments.map(({ metadata: { name }, status }) => {
    const done = status.conditions?.find(
      ({ type, reason }) => type === 'Progressing' && reason === 'NewReplicaSetAvailable'
    )
    return { name, at: done ? Date.parse(done.lastUpdateTime) : Number.POSITIVE_INFINITY }
  })
  return times.reduce((last, one) => (one.at > last.at ? one : last))
}
