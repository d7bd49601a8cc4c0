/** A rule that records a series. */
export type RecordingRule = { record: string; expr: string; labels?: Record<string, string> }

/** A page wakes somebody up: clients notice the fault now. A ticket waits for working hours. */
export type Severity = 'page' | 'ticket'

/** An alert, before the rule is made of it. The texts may have Prometheus's templates, such as `{{ $labels.service }}`. */
export type Alert = {
  name: string
  severity: Severity
  expr: string
  /** How long the expression must be true, such as `5m`. */
  for: string
  /** Labels in addition to those of the expression. */
  labels?: Record<string, string>
  /** One line, for a list. */
  summary: string
  /** What happens if nobody acts. */
  description: string
}

/** An alert as Prometheus reads it. */
export type AlertRule = {
  alert: string
  expr: string
  for: string
  labels: Record<string, string>
  annotations: { summary: string; description: string; runbook_url: string }
}

/** Rules that Prometheus evaluates one after another, every `interval`. */
export type RuleGroup = { name: string; interval: string; rules: (RecordingRule | AlertRule)[] }
