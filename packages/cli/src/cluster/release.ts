import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Stack } from '../stack.ts'
import { type Cluster, isOwnCluster } from './kubectl.ts'
import { chartName, historyOf, lastDeployed, mended } from './release-history.ts'
import { whyNotReady } from './why-not-ready.ts'

/** A release of helm: a chart under a name, with values beside the chart's own, which those of the user go before. */
export type Release = { name: string; chart: string; values?: object; given?: GivenValues }

/** Values as the user gives them to helm: files, and words of `--set`. */
export type GivenValues = { files: string[]; set?: string | undefined }

/** Where and how a release is installed. */
export type Installing = {
  stack: Stack
  cluster: Cluster
  /** Seconds in which the pods of a release must be ready. */
  readyWithin: number
  say: (line: string) => void
}

/** Milliseconds that helm has beyond those in which pods must be ready. */
const HELM_LIMIT = 90_000

/**
 * Installs or upgrades a release, and waits until its pods are ready. Where they do not become so, it goes back to the revision that was
 * deployed last, and fails with the reason.
 */
export async function install(release: Release, { stack, cluster, readyWithin, say }: Installing): Promise<void> {
  const start = performance.now()
  const { name, chart } = release
  const chartFolder = join(stack.root, 'charts', chart)
  if (!existsSync(chartFolder)) throw new Failure(`there is no charts/${chart}`)
  const standIn = join(stack.root, '.data/local', `${chart}.yaml`)
  const values = valuesOf(release, isOwnCluster(cluster) && existsSync(standIn) ? [standIn] : [])
  const waiting = ['--wait', `--timeout=${readyWithin}s`]
  const limit = readyWithin * 1_000 + HELM_LIMIT
  const before = await mended(cluster, name, say)
  refuseOtherStore(release, lastDeployed(before)?.chart ?? chart, cluster)
  try {
    const command = ['upgrade', name, chartFolder, '--install', ...values, ...waiting, '--history-max=5']
    await cluster.helm(command, limit, JSON.stringify(release.values ?? {}))
  } catch (cause) {
    const { message } = cause as Error
    const latest = (await historyOf(cluster, name)).at(-1)
    if (latest?.revision === before.at(-1)?.revision) throw new Failure(`${name} is as it was: ${message}`)
    // Asked before it goes back, for the pods that tell why go then.
    const reason = (await whyNotReady(cluster, name)) ?? message
    const target = lastDeployed(before)
    const end = target ? await goneBack(['rollback', name, String(target.revision), ...waiting]) : ''
    throw new Failure(`${name}: ${reason}${end}`, undefined, { cause })
  }
  say(`${name.padEnd(16)} ready after ${Math.round((performance.now() - start) / 1_000)} s`)

  /** How going back ended: why it had to is told in any case. */
  async function goneBack(rollback: string[]): Promise<string> {
    try {
      await cluster.helm(rollback, limit)
      return '. The version before goes on'
    } catch (error) {
      return `. Going back to the version before failed, too: ${(error as Error).message}`
    }
  }
}

/** Another kind of store can't take over what the one before keeps. */
function refuseOtherStore({ name, chart }: Release, chartBefore: string, cluster: Cluster) {
  const before = chartName(chartBefore)
  if (before === chart) return
  const { namespace } = cluster
  const kept = [`pvc/data-${name}-0`, `secret/${name}`, ...(isOwnCluster(cluster) ? [`pv/${namespace}-${name}`] : [])]
  throw new Failure(
    `${name} is one of ${before} and is to be one of ${chart}, which can't take its data over. Where that may be lost: ` +
      `helm uninstall ${name} -n ${namespace}; kubectl delete ${kept.join(' ')} -n ${namespace}; then deploy again`
  )
}

/** As helm's arguments, the last of which rules: stand-ins, ours from the standard input, the user's. */
const valuesOf = ({ given }: Release, standIns: string[]): string[] => [
  ...[...standIns, '-', ...(given?.files ?? [])].flatMap(file => ['--values', file]),
  ...(given?.set ? ['--set', given.set] : [])
]
