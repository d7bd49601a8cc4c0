import { Failure } from '../failure.ts'
import type { Cluster } from './kubectl.ts'

/** One revision of a release, as helm keeps it; `chart` with its version. */
export type Revision = { revision: number; status: string; chart: string }

/** Milliseconds of what waits for no pod. */
const LIMIT = 90_000

/** The revisions of a release, the latest last; none where it is not there. */
export async function historyOf(cluster: Cluster, name: string): Promise<Revision[]> {
  try {
    return JSON.parse(await cluster.helm(['history', name, '--output', 'json']))
  } catch (error) {
    if (/release: not found/.test((error as Error).message)) return []
    throw error
  }
}

/** The last revision that was deployed, to which a release can go back; undefined where there never was one. */
export const lastDeployed = (history: Revision[]): Revision | undefined =>
  history.findLast(({ status }) => status === 'deployed') ?? history.findLast(({ status }) => status === 'superseded')

/** The name of a chart that helm names with its version. */
export const chartName = (chart: string) => chart.replace(/-\d+\.\d+\.\d+.*$/, '')

/**
 * Frees a release from an operation that was broken off, such as that of a killed helm, which would keep off every other: it goes back to
 * the revision that was deployed last, or away where there never was one. Resolves with its revisions then.
 */
export async function mended(cluster: Cluster, name: string, say: (line: string) => void): Promise<Revision[]> {
  const history = await historyOf(cluster, name)
  const status = history.at(-1)?.status ?? ''
  if (!/^(pending-|uninstalling$)/.test(status)) return history
  const target = status === 'uninstalling' ? undefined : lastDeployed(history)
  const way = target ? `goes back to revision ${target.revision}` : 'is taken away'
  say(`${name.padEnd(16)} was broken off (${status}): ${way} first`)
  try {
    await cluster.helm(target ? ['rollback', name, String(target.revision)] : ['uninstall', name], LIMIT)
  } catch (cause) {
    throw new Failure(
      `${name} was broken off (${status}), and does not free itself: ${(cause as Error).message}`,
      undefined,
      { cause }
    )
  }
  return historyOf(cluster, name)
}
