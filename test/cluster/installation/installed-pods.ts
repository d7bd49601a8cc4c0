import { type Cluster, isReady } from '../../../packages/cli/src/cluster/kubectl.ts'

type Volume = { projected?: { sources: { serviceAccountToken?: { audience?: string } }[] } }
type Found = {
  metadata: { name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string }
  spec: { automountServiceAccountToken?: boolean; volumes?: Volume[] }
  status: { conditions?: { type: string; status: string }[]; containerStatuses?: { restartCount: number }[] }
}

/** A pod of a service or a store that is not being deleted. `name` is the name of the service or store. */
export type InstalledPod = {
  pod: string
  uid: string
  name: string
  labels: Record<string, string>
  spec: Found['spec']
  isReady: boolean
  isService: boolean
  /** The number of restarts of the container. */
  restarts: number
}

export async function installedPods(cluster: Cluster): Promise<InstalledPod[]> {
  const found = await cluster.get<{ items: Found[] }>(
    'pods',
    '--selector',
    'app.kubernetes.io/component in (service, store)'
  )
  return (found?.items ?? [])
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map(({ metadata: { name: pod, uid, labels }, spec, status }) => ({
      pod,
      uid,
      labels,
      spec,
      name: labels['app.kubernetes.io/name'] ?? '',
      isReady: isReady({ status }),
      isService: labels['app.kubernetes.io/component'] === 'service',
      restarts: status.containerStatuses?.[0]?.restartCount ?? 0
    }))
}

/** Returns a text that identifies a pod and one run of its container. It changes with a restart. */
export const identityOf = ({ pod, uid, restarts }: InstalledPod) => `${pod} ${uid} ${restarts}`

/** Reads the identities of the pods of all services and stores, or of all except the service or store `but`. */
export const identities = async (cluster: Cluster, but?: string): Promise<string[]> =>
  (await installedPods(cluster))
    .filter(({ name }) => name !== but)
    .map(identityOf)
    .sort()

/** Runs a Node program in a pod of a service. The program can read `given`. Resolves with the JSON that it prints. */
export async function runInside<T>(cluster: Cluster, service: string, given: unknown, program: string): Promise<T> {
  const text = `const given = ${JSON.stringify(given)}\n${program}`
  const command = ['exec', '--stdin', `deployment/${service}`, '--', 'node', '--input-type=module', '-']
  return JSON.parse(await cluster.kubectl(command, text))
}
