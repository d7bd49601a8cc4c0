import { budgets, promises, ratios } from '../panels/objectives.ts'
import { type Dashboard, uidOf } from './dashboard.ts'

/** The objectives of all services, from the recording rules in k8s/monitoring/rules. */
export function objectivesDashboard(): Dashboard {
  return {
    name: 'objectives',
    uid: uidOf('objectives'),
    title: 'Bulkhead: SLOs',
    description:
      'Whether each service keeps its promises, and how fast it uses up what may go wrong. Needs the recording rules of k8s/monitoring/rules.',
    rows: [
      { title: 'Budgets', panels: budgets() },
      { title: 'Now', panels: ratios() },
      { title: '30 days', panels: promises() }
    ]
  }
}
