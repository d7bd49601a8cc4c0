import type { Stack } from '../stack.ts'
import type { Cluster } from './kubectl.ts'

type Deployments = { items: { metadata: { name: string } }[] }

/** A stack with those of its services only that an installation has. */
export async function deployedOf(stack: Stack, cluster: Cluster): Promise<Stack> {
  const found = await cluster.get<Deployments>('deployments', '--selector', 'app.kubernetes.io/component=service')
  const deployed = new Set(found?.items.map(({ metadata }) => metadata.name))
  return { ...stack, services: stack.services.filter(({ name }) => deployed.has(name)) }
}
