import { allDashboards } from './dashboards/all-dashboards.ts'
import type { Dashboard } from './dashboards/dashboard.ts'
import { grafanaDashboard } from './grafana/dashboard.ts'
import { stableJson } from './grafana/json.ts'
import { kustomization } from './grafana/kustomization.ts'
import { readServices } from './services/services.ts'

/** The folder of the dashboards. Every file in it is generated. */
export const DASHBOARDS = 'k8s/monitoring/dashboards'

/** Returns the texts of the files in the dashboards' folder for the services of a repository, by path. */
export function dashboardFiles(root: string): Record<string, string> {
  const dashboards = allDashboards(readServices(root))
  return {
    ...Object.fromEntries(dashboards.map(dashboard => [pathOf(dashboard), jsonOf(dashboard)])),
    [`${DASHBOARDS}/kustomization.yaml`]: kustomization(dashboards)
  }
}

const pathOf = ({ name }: Dashboard) => `${DASHBOARDS}/${name}.json`

const jsonOf = (dashboard: Dashboard) => `${stableJson(grafanaDashboard(dashboard))}\n`
