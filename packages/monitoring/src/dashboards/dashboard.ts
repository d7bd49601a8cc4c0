import type { Panel } from '../panels/panel.ts'

/** Panels about one subject, under a heading. */
export type Row = {
  title: string
  panels: Panel[]
  /** True if the row is closed at first, because its figures only matter after those above it. */
  isCollapsed?: boolean
}

/** A dashboard: its rows from the symptoms down to their causes. */
export type Dashboard = {
  /** The name of its file, and the end of its UID and of its address in Grafana. */
  name: string
  uid: string
  title: string
  description: string
  rows: Row[]
}

/**
 * Returns the UID of a dashboard that is not about one service. UIDs stay the same, because links and bookmarks contain them, and have at
 * most 40 characters. No service has an underscore in its name, so no service has the same UID.
 */
export function uidOf(name: string): string {
  return `bulkhead_${name}`
}

/** Returns the UID of the dashboard of a service. */
export function uidOfService(service: string): string {
  return `bulkhead-${service}`
}

/** Returns all panels of a dashboard. */
export function panelsOf({ rows }: Dashboard): Panel[] {
  return rows.flatMap(({ panels }) => panels)
}
