import { setTimeout as delay } from 'node:timers/promises'
import { USUAL_REGISTRY } from '../../../packages/cli/src/cluster/deploy.ts'
import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import type { Installation } from '../part.ts'
import { runBulkhead } from './bulkhead.ts'

type Deployment = { spec: { template: { spec: { containers: { image: string }[] } } } }

const PAUSE = 500

/** Returns the arguments with which `bulkhead deploy` does not change a service: its registry, and whether its store is external. */
export async function deployArguments({ cluster }: Installation, service: string): Promise<string[]> {
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

/** Deploys a service without the values of a test, which restores its state before the test. */
export const restore = async (installation: Installation, service: string) =>
  runBulkhead(installation, await deployArguments(installation, service))

/** Waits until the condition is true, at most `limit` milliseconds. Resolves with false if it does not become true. */
export async function isTrueWithin(limit: number, condition: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + limit; Date.now() < end; await delay(PAUSE)) if (await condition()) return true
  return false
}

/** Reads the latest revision of a helm release. Fails if there is no such release. */
export async function latestOf(cluster: Cluster, name: string): Promise<{ revision: string; status: string }> {
  const [latest] = JSON.parse(await cluster.helm(['list', '--filter', `^${name}$`, '--output', 'json']))
  if (!latest) throw new Error(`the release ${name} is missing`)
  return latest
}
