import { setTimeout as delay } from 'node:timers/promises'
import { USUAL_REGISTRY } from '../../packages/cli/src/cluster/deploy.ts'
import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { mustBulkhead } from './bulkhead.ts'
import type { Ground } from './part.ts'

type Deployment = { spec: { template: { spec: { containers: { image: string }[] } } } }

const PAUSE = 500

/** The words of `bulkhead deploy` by which a service stays where it is now: its registry, and whether its store is elsewhere. */
export async function deployWords({ cluster }: Ground, service: string): Promise<string[]> {
  const found = await cluster.get<Deployment>('deployment', service)
  const registry = found?.spec.template.spec.containers[0]?.image.replace(/\/[^/]*$/, '')
  const hasAccounts = await cluster.get('secret', 'demo-accounts')
  const hasStore = await cluster.get('statefulset', 'event-log')
  return [
    'deploy',
    service,
    ...(registry && registry !== USUAL_REGISTRY ? ['--registry', registry] : []),
    ...(hasAccounts ? ['--demo-accounts'] : []),
    ...(hasStore ? [] : ['--external-stores'])
  ]
}

/** Deploys a service as it was, without the values of a test. */
export const restore = async (ground: Ground, service: string) =>
  mustBulkhead(ground, await deployWords(ground, service))

/** Waits until `isSo`, within so many milliseconds. Resolves with whether it came to be. */
export async function within(limit: number, isSo: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + limit; Date.now() < end; await delay(PAUSE)) if (await isSo()) return true
  return false
}

/** The latest revision of a release of helm. Fails where there is none. */
export async function latestOf(cluster: Cluster, name: string): Promise<{ revision: string; status: string }> {
  const [latest] = JSON.parse(await cluster.helm(['list', '--filter', `^${name}$`, '--output', 'json']))
  if (!latest) throw new Error(`there is no release ${name}`)
  return latest
}
