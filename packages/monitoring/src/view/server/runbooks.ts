import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The runbooks of a folder, one Markdown file for each alert. */
export type Runbooks = {
  /** The path of an alert's runbook on the view's server. Undefined if there is none. */
  pathOf: (alert: string) => string | undefined
  /** The text of a runbook. Undefined if there is none. */
  textOf: (alert: string) => string | undefined
}

const ALERT_NAME = /^[A-Za-z][A-Za-z0-9]{0,80}$/

export function runbooksIn(folder: string): Runbooks {
  const fileOf = (alert: string) => {
    const file = join(folder, `${alert}.md`)
    return ALERT_NAME.test(alert) && existsSync(file) ? file : undefined
  }
  return {
    pathOf: alert => fileOf(alert) && `/runbooks/${alert}`,
    textOf(alert) {
      const file = fileOf(alert)
      return file && readFileSync(file, 'utf8')
    }
  }
}
