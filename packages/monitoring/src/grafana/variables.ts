import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import {
  AnnotationQueryBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort
} from '@grafana/grafana-foundation-sdk/dashboard'
import { series } from '../panels/queries.ts'

/** The data source that the reader chooses. A fixed one would leave the dashboard empty in every other Grafana. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills the variable in.
export const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' }

/** The choices at the top of each dashboard: the data source, and the namespace of the installation. */
export function variables() {
  const namespaces = { query: 'label_values(bulkhead_build_info, namespace)', refId: 'namespaces' }
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    new QueryVariableBuilder('namespace')
      .label('Namespace')
      .datasource(DATA_SOURCE)
      .query(namespaces)
      .refresh(VariableRefresh.OnDashboardLoad)
      .sort(VariableSort.AlphabeticalAsc)
  ]
}

/** The query of the marks at new versions. */
export const NEW_VERSIONS = `count by (service, version) (${series('bulkhead_build_info')}) unless count by (service, version) (${series('bulkhead_build_info')} offset 5m)`

/** Marks the first minutes of a new version of a service, because most faults begin with a change. */
export function rolloutMarks() {
  return new AnnotationQueryBuilder()
    .name('New versions')
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor('blue')
    .expr(NEW_VERSIONS)
    .step('60s')
    .titleFormat('{{service}} {{version}}')
}
