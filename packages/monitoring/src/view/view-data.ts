/** One line of a chart. `values` has a value for each time of the panel, and null where there is no sample. */
export type Series = { name: string; labels: Record<string, string>; values: (number | null)[] }

/** The result of a panel's queries. `problem` is set if one of them failed. `link` is the address of the queries in Prometheus. */
export type PanelData = { series: Series[]; problem?: string; link?: string }

/** A firing alert. */
export type Alert = {
  name: string
  severity: string
  summary: string
  /** The labels that tell apart alerts of the same name. */
  labels: Record<string, string>
  /** Milliseconds since 1970. */
  since: number
  /** The path of its runbook on the view's server, if there is one. */
  runbook?: string
  /** True if Alertmanager tells nobody about it, because it is silenced, or inhibited by a more serious alert. */
  isMuted: boolean
  /** What mutes it, such as `silenced by ann: repair` or `muted by StoreDown of orders`, if Alertmanager tells. */
  mutedBy?: string
}

/** The state of a service, by the last scrape. It is unknown before the first. `problem` is why a scrape failed. */
export type ServiceState = { name: string; state: 'up' | 'down' | 'unknown'; version?: string; problem?: string }

/** The state of a service's store, as the service sees it. It is unknown while the service does not report it. */
export type StoreState = { service: string; store: string; state: 'up' | 'down' | 'unknown' }

/** Everything that the view shows. */
export type ViewData = {
  /** When Prometheus answered. Milliseconds since 1970. */
  at: number
  range: string
  /** The times of all series. Seconds since 1970. */
  times: number[]
  isStackRunning: boolean
  services: ServiceState[]
  stores: StoreState[]
  alerts: Alert[]
  /** The number of alerting rules that Prometheus has loaded. */
  rules: number
  /** True if Alertmanager answers. */
  hasAlertmanager: boolean
  panels: Record<string, PanelData>
}

/** The answer of the view's server. If Prometheus does not answer now, `problem` says so, and `data` is its last answer, if there was one. */
export type ViewAnswer = { data?: ViewData; problem?: string }
