import { formatAge } from '../format.ts'
import { isPage } from '../verdict.ts'
import type { Alert, ViewData } from '../view-data.ts'
import { byId, make, setText, showChildren, within } from './elements.ts'

/** Shows the firing alerts, with a link to the runbook of each. */
export function showAlerts(data: ViewData | undefined, problem: string | undefined) {
  const alerts = data?.alerts ?? []
  within(document.body, '.alerts').classList.toggle('firing', alerts.length > 0)
  setText(byId('no-alerts'), alerts.length === 0 ? textWithoutAlerts(data, problem) : '')
  showChildren(byId('alerts'), alerts, {
    keyOf: ({ name, labels }) => JSON.stringify([name, labels]),
    create: createAlert,
    update: updateAlert
  })
}

function textWithoutAlerts(data: ViewData | undefined, problem: string | undefined): string {
  if (!data) return problem ? 'No data' : 'Loading'
  return data.rules === 0 ? 'Prometheus has no alert rules' : `No alert fires. Prometheus checks ${data.rules} rules.`
}

function createAlert({ name, runbook }: Alert): HTMLElement {
  const about = [
    make('span', { class: 'name' }, name),
    make('span', { class: 'labels' }),
    make('span', { class: 'since' }),
    make('span', { class: 'muted-by' })
  ]
  if (runbook) about.push(make('a', { href: runbook, 'aria-label': `Runbook of ${name}` }, 'Runbook'))
  return make('li', {}, make('span', { class: 'severity' }), make('strong'), make('p', { class: 'about' }, ...about))
}

function updateAlert(item: HTMLElement, alert: Alert) {
  const labels = Object.entries(alert.labels).map(([label, value]) => `${label} ${value}`)
  item.classList.toggle('page', isPage(alert))
  item.classList.toggle('muted', alert.isMuted)
  setText(within(item, '.severity'), alert.isMuted ? `${alert.severity}, muted` : alert.severity)
  setText(within(item, 'strong'), alert.summary)
  setText(within(item, '.labels'), labels.join(', '))
  setText(within(item, '.muted-by'), alert.mutedBy ?? '')
  setText(within(item, '.since'), `for ${formatAge(Date.now() - alert.since)}`)
}
