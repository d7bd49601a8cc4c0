import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { type Cluster, isReady, kubectlWithin } from './kubectl.ts'

type StatefulSet = {
  metadata: { name: string; uid: string; generation: number }
  status?: { observedGeneration?: number; updateRevision?: string }
}
type Pod = {
  metadata: {
    name: string
    labels?: Record<string, string>
    ownerReferences?: { uid: string }[]
    deletionTimestamp?: string
  }
  status?: { conditions?: { type: string; status: string }[] }
}

const REVISION = 'controller-revision-hash'
/** How long to wait between two searches for blocked pods (ms). */
const PAUSE = 2_000

const ofRelease = (release: string) => ['--selector', `app.kubernetes.io/name=${release}`]

/**
 * Waits for a change of a release, and deletes its blocked pods meanwhile. A StatefulSet replaces a pod only after that pod is ready, so a
 * pod whose image cannot be pulled would stay forever (kubernetes.io/docs, StatefulSets, forced rollback). Resolves with the names of the
 * deleted pods. Rejects if the change fails; the error includes the problem of the last search for blocked pods, if any.
 */
export async function replaceBlockedPods(
  cluster: Cluster,
  release: string,
  change: Promise<unknown>,
  pause = PAUSE
): Promise<string[]> {
  const deleted = new Set<string>()
  const over = new AbortController()
  let problem: Error | undefined
  const watching = (async () => {
    while (!over.signal.aborted) {
      problem = await deleteBlockedPods(cluster, release, deleted).then(
        () => undefined,
        (error: Error) => error
      )
      await delay(pause, undefined, { signal: over.signal }).catch(() => undefined)
    }
  })()
  try {
    await change
  } catch (cause) {
    if (!problem) throw cause
    throw new Failure(`${(cause as Error).message}; ${problem.message}`, undefined, { cause })
  } finally {
    over.abort()
    await watching
  }
  return [...deleted]
}

async function deleteBlockedPods(cluster: Cluster, release: string, deleted: Set<string>) {
  for (const pod of await blockedPods(cluster, release)) {
    await cluster.kubectl(['delete', 'pod', pod, '--ignore-not-found', '--wait=false'])
    deleted.add(pod)
  }
}

/** Finds the pods that are not ready and have a different revision than their StatefulSet wants. */
async function blockedPods(cluster: Cluster, release: string): Promise<string[]> {
  const sets = (await statefulSets(cluster, release)).filter(hasSeenItsSpec)
  if (sets.length === 0) return []
  const { items } = (await cluster.get<{ items: Pod[] }>('pods', ...ofRelease(release))) ?? { items: [] }
  const isBlocked = (pod: Pod) => {
    const set = sets.find(({ metadata }) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid))
    const isOld = set !== undefined && pod.metadata.labels?.[REVISION] !== set.status?.updateRevision
    return isOld && !pod.metadata.deletionTimestamp && !isReady(pod)
  }
  return items.filter(isBlocked).map(({ metadata }) => metadata.name)
}

/** True if the controller has processed the newest spec. Before that, `updateRevision` belongs to the previous spec. */
const hasSeenItsSpec = ({ metadata, status }: StatefulSet) =>
  status?.updateRevision !== undefined && status.observedGeneration === metadata.generation

/** Waits until all pods of a release's StatefulSets are ready and have the wanted revision. Rejects after `seconds`. */
export async function untilRolledOut(cluster: Cluster, release: string, seconds: number): Promise<void> {
  for (const { metadata } of await statefulSets(cluster, release))
    await kubectlWithin(cluster, ['rollout', 'status', `statefulset/${metadata.name}`], seconds)
}

const statefulSets = async (cluster: Cluster, release: string): Promise<StatefulSet[]> =>
  (await cluster.get<{ items: StatefulSet[] }>('statefulsets', ...ofRelease(release)))?.items ?? []
