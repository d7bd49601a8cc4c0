import { stringify } from 'yaml'
import type { Dashboard } from '../dashboards/dashboard.ts'

const HEADER = `# Makes a ConfigMap of each dashboard, with the label that the sidecar of Grafana looks for. \`make generate\` writes this file.
#
#     kubectl apply --namespace monitoring -k k8s/monitoring/dashboards
`

/** Returns the kustomization of the dashboards' folder. It has their names only, so that each dashboard is in one file. */
export function kustomization(dashboards: Dashboard[]): string {
  return (
    HEADER +
    stringify({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      generatorOptions: {
        disableNameSuffixHash: true,
        labels: { 'app.kubernetes.io/part-of': 'bulkhead', grafana_dashboard: '1' },
        annotations: { grafana_folder: 'Bulkhead' }
      },
      configMapGenerator: dashboards.map(({ name }) => ({
        name: `bulkhead-dashboard-${name}`,
        files: [`bulkhead-${name}.json=${name}.json`]
      }))
    })
  )
}
