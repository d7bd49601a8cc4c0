import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Stack } from '../services/stack.ts'
import { replaceBlockedPods, untilRolledOut } from './blocked-pods.ts'
import { type Cluster, isOwnCluster } from './kubectl.ts'
import { chartName, historyOf, lastDeployed, type Revision, recoverRelease } from './release-history.ts'
import { whyNotReady } from './why-not-ready.ts'

/** A release of helm: a chart under a name. `values` override the chart's own, and `userValues` override both. */
export type Release = { name: string; chart: string; values?: object; userValues?: UserValues }

/** Values as the user gives them to helm: files for `--values`, and the text of `--set`. */
export type UserValues = { files: string[]; set?: string | undefined }

/** Where and how a release is installed. */
export type InstallOptions = {
  stack: Stack
  cluster: Cluster
  /** How long the pods of a release may take to become ready (seconds). */
  readyWithin: number
  say: (line: string) => void
}

/** How long helm may take, in addition to the time that the pods may take (ms). */
const HELM_LIMIT = 90_000

/** True for the charts of stores, whose pods belong to StatefulSets. */
export const isStore = ({ chart }: Pick<Release, 'chart'>) => chart.startsWith('store-')

/**
 * Installs or upgrades a release and waits until its pods are ready. If they do not become ready, rolls back to the revision that was
 * deployed last, and fails with the reason.
 */
export async function install(release: Release, options: InstallOptions): Promise<void> {
  const { stack, cluster, say } = options
  const start = performance.now()
  const { name, chart } = release
  const chartFolder = join(stack.root, 'charts', chart)
  if (!existsSync(chartFolder)) throw new Failure(`there is no charts/${chart}`)
  const standIn = join(stack.root, '.data/local', `${chart}.yaml`)
  const values = valueArguments(release, isOwnCluster(cluster) && existsSync(standIn) ? [standIn] : [])
  const before = await recoverRelease(cluster, name, say)
  refuseOtherStore(release, lastDeployed(before)?.chart ?? chart, cluster)
  try {
    const command = ['upgrade', name, chartFolder, '--install', ...values, '--history-max=5']
    await changeRelease(release, options, command, JSON.stringify(release.values ?? {}))
  } catch (cause) {
    const { message } = cause as Error
    const latest = (await historyOf(cluster, name)).at(-1)
    if (latest?.revision === before.at(-1)?.revision) throw new Failure(`${name} is unchanged: ${message}`)
    // Read the reason before the rollback, because the rollback removes the pods that show it.
    const reason = (await whyNotReady(cluster, name)) ?? message
    const target = lastDeployed(before)
    const end = target ? `. ${await rollBack(release, target, options)}` : ''
    throw new Failure(`${name}: ${reason}${end}`, undefined, { cause })
  }
  say(`${name.padEnd(16)} ready after ${Math.round((performance.now() - start) / 1_000)} s`)
}

/** Rolls a release back, and describes the result. Never fails, because the caller must report the reason for the rollback in any case. */
async function rollBack(release: Release, { revision }: Revision, options: InstallOptions): Promise<string> {
  const { name } = release
  try {
    const deleted = await changeRelease(release, options, ['rollback', name, String(revision)])
    const outage = deleted.length > 0 ? `. ${name} was away until its pod ${deleted.join(', ')} was replaced` : ''
    return `Rolled back to revision ${revision}${outage}`
  } catch (error) {
    return `The rollback to revision ${revision} failed too: ${(error as Error).message}`
  }
}

/** Runs helm and waits until the pods of the release are ready. Resolves with the names of the blocked pods that it deleted. */
async function changeRelease(
  release: Release,
  { cluster, readyWithin }: InstallOptions,
  command: string[],
  input?: string
): Promise<string[]> {
  const limit = readyWithin * 1_000 + HELM_LIMIT
  const change = cluster.helm([...command, '--wait', `--timeout=${readyWithin}s`], limit, input)
  if (!isStore(release)) {
    await change
    return []
  }
  const ready = change.then(() => untilRolledOut(cluster, release.name, readyWithin))
  return replaceBlockedPods(cluster, release.name, ready)
}

/** Fails if an upgrade would replace a store by a store of another kind, which could not read its data. */
function refuseOtherStore({ name, chart }: Release, chartBefore: string, cluster: Cluster) {
  const before = chartName(chartBefore)
  if (before === chart) return
  const { namespace } = cluster
  const kept = [`pvc/data-${name}-0`, `secret/${name}`, ...(isOwnCluster(cluster) ? [`pv/${namespace}-${name}`] : [])]
  throw new Failure(
    `${name} was installed from ${before}, and ${chart} cannot read its data. If you can do without the data, run ` +
      `helm uninstall ${name} -n ${namespace}; kubectl delete ${kept.join(' ')} -n ${namespace}; then deploy again`
  )
}

/** Helm's arguments for values. Later ones override earlier ones: stand-ins, ours from the standard input, the user's. */
const valueArguments = ({ userValues }: Release, standIns: string[]): string[] => [
  ...[...standIns, '-', ...(userValues?.files ?? [])].flatMap(file => ['--values', file]),
  ...(userValues?.set ? ['--set', userValues.set] : [])
]
