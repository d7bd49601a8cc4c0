import type { Stack } from '../services/stack.ts'
import type { Cluster } from './kubectl.ts'

type Deployments = { items: { metadata: { name: string } }[] }

/** A stack with only those services that are deployed in a cluster. */
export async function deployedStack(stack: Stack, cluster: Cluster): Promise<Stack> {
  const deployments = await cluster.get<Deployments>('deployments', '--selector', 'app.kubernetes.io/component=service')
  const deployed = new Set(deployments?.items.map(({ metadata }) => metadata.name))
  return { ...stack, services: stack.services.filter(({ name }) => deployed.has(name)) }
}
