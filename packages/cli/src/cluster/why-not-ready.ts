import { consoleLine } from '../log-line.ts'
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
const SHOWN = 3
/** How Node begins to print what nobody caught. */
const THROWN = /^\w*Error\w*: /
/** What the kubelet says in the place of a log that it has no more. */
const NO_LOG = /^unable to retrieve container logs.*/

/** Why the newest pod of a release that is not ready is not, in one line; undefined where none is. */
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
  if (unscheduled) return `${pod.metadata.name} has no place: ${unscheduled.message}`
  const container = pod.status.containerStatuses?.find(({ ready }) => !ready)
  const { reason, message } = container?.state.waiting ?? {}
  if (reason && /Image/.test(reason)) return `the image ${container?.image} cannot be had (${reason})`
  if (reason && !/^(CrashLoopBackOff|ContainerCreating)$/.test(reason))
    return `${reason}: ${message ?? pod.metadata.name}`
  const hasEnded = (container?.restartCount ?? 0) > 0
  const said = (await lastWords(cluster, pod, hasEnded)) || (await lastWarning(cluster, pod.metadata.name))
  return `${pod.metadata.name} ${hasEnded ? 'ends' : 'is not ready'}${said ? `: ${said}` : ''}`
}

/** What a pod's log says of what is wrong, also of the time before when it has ended: the error that ended it, else the last warnings. */
async function lastWords(cluster: Cluster, { metadata }: Pod, hasEnded: boolean): Promise<string> {
  const log = (...more: string[]) =>
    cluster.kubectl(['logs', metadata.name, `--tail=${LOG_LINES}`, ...more]).catch(() => '')
  const text = (hasEnded ? await log('--previous') : '').replace(NO_LOG, '') + (await log())
  const lines = text
    .split('\n')
    .flatMap(line => consoleLine('', line, false)?.split('\n')[0]?.slice(' | '.length) ?? [])
  return lines.find(line => THROWN.test(line)) ?? lines.slice(-SHOWN).join('; ')
}

/** The newest warning about an object; empty where there is none. They are listed in no order. */
export async function lastWarning(cluster: Cluster, name: string): Promise<string> {
  const selector = `involvedObject.name=${name},type=Warning`
  const found = await cluster.get<{ items: Event[] }>('events', '--field-selector', selector)
  const sorted = found?.items.sort((one, other) => timeOf(one) - timeOf(other))
  return sorted?.at(-1)?.message ?? ''
}

/** When it was seen last: which field tells depends on who reported it. */
const timeOf = ({ series, lastTimestamp, eventTime, metadata }: Event) =>
  Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp)
