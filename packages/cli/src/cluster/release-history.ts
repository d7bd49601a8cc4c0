import { Failure } from '../failure.ts'
import type { Cluster } from './kubectl.ts'

/** One revision of a release, as helm records it. `chart` includes the version. */
export type Revision = { revision: number; status: string; chart: string }

/** The limit of a helm call that does not wait for pods (ms). */
const LIMIT = 90_000

/** The revisions of a release, the latest last; empty if it is not installed. */
export async function historyOf(cluster: Cluster, name: string): Promise<Revision[]> {
  try {
    return JSON.parse(await cluster.helm(['history', name, '--output', 'json']))
  } catch (error) {
    if (/release: not found/.test((error as Error).message)) return []
    throw error
  }
}

/** The last revision that was deployed, to which a release can be rolled back; undefined if there is none. */
export const lastDeployed = (history: Revision[]): Revision | undefined =>
  history.findLast(({ status }) => status === 'deployed') ?? history.findLast(({ status }) => status === 'superseded')

/** The name of a chart without its version: `store-redis` for `store-redis-0.1.9`. */
export const chartName = (chart: string) => chart.replace(/-\d+\.\d+\.\d+.*$/, '')

/**
 * Ends an interrupted operation of a release, such as that of a killed helm, because it blocks all others: rolls back to the revision that
 * was deployed last, or uninstalls the release if there is none. Resolves with the revisions after that.
 */
export async function recoverRelease(cluster: Cluster, name: string, say: (line: string) => void): Promise<Revision[]> {
  const history = await historyOf(cluster, name)
  const status = history.at(-1)?.status ?? ''
  if (!/^(pending-|uninstalling$)/.test(status)) return history
  const target = status === 'uninstalling' ? undefined : lastDeployed(history)
  const action = target ? `rolling back to revision ${target.revision}` : 'uninstalling'
  say(`${name.padEnd(16)} was interrupted (${status}): ${action} first`)
  try {
    await cluster.helm(target ? ['rollback', name, String(target.revision)] : ['uninstall', name], LIMIT)
  } catch (cause) {
    const { message } = cause as Error
    throw new Failure(`${name} was interrupted (${status}) and cannot be recovered: ${message}`, undefined, { cause })
  }
  return historyOf(cluster, name)
}
