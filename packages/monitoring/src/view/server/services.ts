import type { ServiceState } from '../view-data.ts'
import { getJson } from './prometheus-client.ts'

type Target = {
  labels: { namespace?: string; service?: string }
  health: ServiceState['state']
  lastError: string
}
type Targets = { data: { activeTargets: Target[] } }

/** Reads the services that Prometheus scrapes, by name. A service with several replicas is up if one of them is. */
export async function scrapedServices(prometheus: string, namespace: string): Promise<ServiceState[]> {
  const { data } = await getJson<Targets>(`${prometheus}/api/v1/targets?state=active`)
  const targets = data.activeTargets.filter(({ labels }) => labels.service && labels.namespace === namespace)
  const names = [...new Set(targets.map(({ labels }) => labels.service!))].sort()
  return names.map(name =>
    stateOf(
      name,
      targets.filter(({ labels }) => labels.service === name)
    )
  )
}

function stateOf(name: string, targets: Target[]): ServiceState {
  if (targets.some(({ health }) => health === 'up')) return { name, state: 'up' }
  const failed = targets.find(({ health }) => health === 'down')
  return failed ? { name, state: 'down', problem: failed.lastError } : { name, state: 'unknown' }
}
