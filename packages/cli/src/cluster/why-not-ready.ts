import { consoleLine } from '../output/log-line.ts'
import type { Cluster } from './kubectl.ts'

type Waiting = { reason?: string; message?: string }
type Container = { name: string; image: string; ready: boolean; restartCount: number; state: { waiting?: Waiting } }
type Pod = {
  metadata: { name: string; creationTimestamp: string }
  status: {
    phase: string
    containerStatuses?: Container[]
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
  }
}
type Event = {
  message: string
  metadata: { creationTimestamp: string }
  lastTimestamp?: string | null
  eventTime?: string | null
  series?: { lastObservedTime?: string }
}

const LOG_LINES = 50
const REPORTED_LINES = 3
/** The first line that Node prints of an uncaught error. */
const UNCAUGHT_ERROR = /^\w*Error\w*: /
/** The kubelet's answer when a container's log was deleted. */
const NO_LOG = /^unable to retrieve container logs.*/

/** Describes in one line why the newest unready pod of a release is not ready. Undefined if all its pods are ready. */
export async function whyNotReady(cluster: Cluster, name: string): Promise<string | undefined> {
  const pods = await cluster.get<{ items: Pod[] }>('pods', '--selector', `app.kubernetes.io/name=${name}`)
  const isReady = ({ status }: Pod) =>
    status.phase === 'Succeeded' || (status.containerStatuses?.every(({ ready }) => ready) ?? false)
  const pod = pods?.items
    .filter(pod => !isReady(pod))
    .sort((one, other) => one.metadata.creationTimestamp.localeCompare(other.metadata.creationTimestamp))
    .at(-1)
  if (!pod) return undefined
  const unscheduled = pod.status.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  if (unscheduled) return `${pod.metadata.name} cannot be scheduled: ${unscheduled.message}`
  const container = pod.status.containerStatuses?.find(({ ready }) => !ready)
  const { reason, message } = container?.state.waiting ?? {}
  if (reason && /Image/.test(reason)) return `the image ${container?.image} cannot be pulled (${reason})`
  if (reason && !/^(CrashLoopBackOff|ContainerCreating)$/.test(reason))
    return `${reason}: ${message ?? pod.metadata.name}`
  const isRestarting = (container?.restartCount ?? 0) > 0
  const detail = (await logDetail(cluster, pod, isRestarting)) || (await lastWarning(cluster, pod.metadata.name))
  return `${pod.metadata.name} ${isRestarting ? 'ends' : 'is not ready'}${detail ? `: ${detail}` : ''}`
}

/** Returns the uncaught error in a pod's log, else its last warnings. If the container restarts, reads the log before the restart first. */
async function logDetail(cluster: Cluster, { metadata }: Pod, isRestarting: boolean): Promise<string> {
  const log = (...more: string[]) =>
    cluster.kubectl(['logs', metadata.name, `--tail=${LOG_LINES}`, ...more]).catch(() => '')
  const text = (isRestarting ? await log('--previous') : '').replace(NO_LOG, '') + (await log())
  const lines = text
    .split('\n')
    .flatMap(line => consoleLine('', line, false)?.split('\n')[0]?.slice(' | '.length) ?? [])
  return lines.find(line => UNCAUGHT_ERROR.test(line)) ?? lines.slice(-REPORTED_LINES).join('; ')
}

/** The newest warning about an object; empty if there is none. Kubernetes lists them in no order. */
export async function lastWarning(cluster: Cluster, name: string): Promise<string> {
  const selector = `involvedObject.name=${name},type=Warning`
  const events = await cluster.get<{ items: Event[] }>('events', '--field-selector', selector)
  const sorted = events?.items.sort((one, other) => timeOf(one) - timeOf(other))
  return sorted?.at(-1)?.message ?? ''
}

/** Returns when an event was last seen. Reporters use different fields for this time. */
const timeOf = ({ series, lastTimestamp, eventTime, metadata }: Event) =>
  Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp)
