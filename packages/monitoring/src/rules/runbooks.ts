import type { Alert, AlertRule } from './rule.ts'

/**
 * Where alerts say that their runbooks are. Replace it by the address at which your team reads docs/runbooks: with the value
 * `monitoring.rules.runbooks` of the chart platform, or by a search and replace in k8s/monitoring/rules.
 */
export const RUNBOOKS = 'https://bulkhead.example/docs/runbooks'

/** Makes the rule of an alert, with its severity and the address of its runbook. */
export const alertRule = ({ name, severity, expr, for: time, labels, summary, description }: Alert): AlertRule => ({
  alert: name,
  expr,
  for: time,
  labels: { severity, ...labels },
  annotations: { summary, description, runbook_url: `${RUNBOOKS}/${name}.md` }
})
