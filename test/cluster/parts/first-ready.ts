import { differenceOf, type Installation, type Part, type Unrun } from '../part.ts'

/** The limit in seconds from the images until everything is ready, on 2 cores. */
const LIMIT = 180

type Condition = { type: string; reason?: string; lastUpdateTime: string }
export type Deployment = {
  metadata: { name: string; annotations?: Record<string, string> }
  status: { conditions?: Condition[] }
}

/** Measures the time from the creation of the namespace until the last Deployment had all its replicas for the first time. */
export const firstReady: Part = {
  name: 'from images to all ready',
  async run({ cluster, stack, say }: Installation): Promise<string[] | Unrun> {
    const namespace = await cluster.get<{ metadata: { creationTimestamp: string } }>('namespace', cluster.namespace)
    const services = stack.services.map(({ name }) => name)
    const found = (await cluster.get<{ items: Deployment[] }>('deployments', '--selector', SERVICES))?.items ?? []
    const missing = services.filter(name => !found.some(({ metadata }) => metadata.name === name))
    if (!namespace || missing.length > 0) return differenceOf('missing services', [], missing)
    const last = lastAvailable(found)
    if ('unrun' in last) return last
    if (last.at === Number.POSITIVE_INFINITY) return [`${last.name} never had all its replicas`]
    const seconds = (last.at - Date.parse(namespace.metadata.creationTimestamp)) / 1_000
    say(`    ${seconds} s until ${found.length} services had two replicas; ${last.name} was the last`)
    return seconds > LIMIT ? [`${seconds} s from the namespace until everything was ready, more than ${LIMIT} s`] : []
  }
}

const SERVICES = 'app.kubernetes.io/component=service'
const REVISION = 'deployment.kubernetes.io/revision'

/**
 * Returns the Deployment that was the last to get all its replicas, and the time in milliseconds since 1970. A Deployment stores this time
 * for each new set of pods, and not when a pod is replaced (kubernetes.io/docs, Deployment status). So it is known until the first upgrade.
 */
export function lastAvailable(deployments: Deployment[]): { name: string; at: number } | Unrun {
  const later = deployments.find(({ metadata }) => metadata.annotations?.[REVISION] !== '1')
  if (later) return { unrun: `${later.metadata.name} was upgraded since its installation. Run: make undeploy deploy` }
  const times = deployments.map(({ metadata: { name }, status }) => {
    const done = status.conditions?.find(
      ({ type, reason }) => type === 'Progressing' && reason === 'NewReplicaSetAvailable'
    )
    return { name, at: done ? Date.parse(done.lastUpdateTime) : Number.POSITIVE_INFINITY }
  })
  return times.reduce((last, one) => (one.at > last.at ? one : last))
}
