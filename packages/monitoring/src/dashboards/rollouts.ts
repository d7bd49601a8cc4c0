import { requestsByService } from '../panels/requests.ts'
import { deployments, pods } from '../panels/rollouts.ts'
import { versions } from '../panels/runtime.ts'
import { type Dashboard, uidOf } from './dashboard.ts'

/** A rollout in Kubernetes: what clients see of it, the versions, and the pods. */
export function rolloutsDashboard(): Dashboard {
  return {
    name: 'rollouts',
    uid: uidOf('rollouts'),
    title: 'Bulkhead: Kubernetes rollouts',
    description: 'Whether a rollout harms requests, which versions run, and what keeps pods from becoming ready.',
    rows: [
      { title: 'Requests during the rollout', panels: requestsByService() },
      { title: 'Deployments', panels: [versions(), ...deployments()] },
      { title: 'Pods', panels: pods() }
    ]
  }
}
