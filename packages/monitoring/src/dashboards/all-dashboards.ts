import type { ServiceFacts } from '../services/services.ts'
import type { Dashboard } from './dashboard.ts'
import { eventLogDashboard } from './event-log.ts'
import { objectivesDashboard } from './objectives.ts'
import { orderPathDashboard } from './order-path.ts'
import { overviewDashboard } from './overview.ts'
import { rolloutsDashboard } from './rollouts.ts'
import { serviceDashboard } from './service.ts'
import { storesDashboard } from './stores.ts'

/** Returns the dashboards for a repository with these services: those about the whole, and one for each service. */
export function allDashboards(services: ServiceFacts[]): Dashboard[] {
  return [
    overviewDashboard(),
    orderPathDashboard(),
    eventLogDashboard(),
    storesDashboard(),
    rolloutsDashboard(),
    objectivesDashboard(),
    ...services.map(serviceDashboard)
  ]
}
