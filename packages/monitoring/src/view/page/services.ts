import { formatValue } from '../format.ts'
import { SERVICE_COLUMNS } from '../key-panels.ts'
import { latestOf } from '../latest.ts'
import { storeName } from '../store-names.ts'
import type { ServiceState, ViewData } from '../view-data.ts'
import { byId, make, setText, showChildren, within } from './elements.ts'
import { drawSparkline, makeSparkline } from './sparkline.ts'

/** The column that also has a picture of the period. */
const PICTURED = 'service-rate'

/** Shows a row for each service. */
export function showServices(data: ViewData | undefined, problem: string | undefined) {
  const services = data?.services ?? []
  const none = data ? 'No service is scraped' : problem ? 'No data' : 'Loading'
  setText(byId('no-services'), services.length === 0 ? none : '')
  showChildren(byId('services'), services, {
    keyOf: ({ name }) => name,
    create: createRow,
    update: (row, service) => updateRow(row, service, data!)
  })
}

const createRow = ({ name }: ServiceState) =>
  make(
    'tr',
    {},
    make(
      'th',
      { scope: 'row' },
      make('span', { class: 'state' }),
      make('span', {}, name),
      make('small'),
      make('span', { class: 'stores' })
    ),
    ...SERVICE_COLUMNS.map(({ id, panel }) =>
      make('td', { 'data-label': panel.title, class: id }, ...(id === PICTURED ? [makeSparkline()] : []), make('span'))
    )
  )

function updateRow(row: HTMLElement, { name, state, version, problem }: ServiceState, { panels, stores }: ViewData) {
  row.classList.toggle('down', state === 'down')
  row.title = problem ?? ''
  setText(within(row, '.state'), state === 'unknown' ? '…' : state)
  setText(within(row, 'small'), version ?? '')
  const down = stores.filter(store => store.service === name && store.state === 'down')
  setText(within(row, '.stores'), down.map(({ store }) => `✕ ${storeName(store)} does not answer`).join(', '))
  for (const { id, panel } of SERVICE_COLUMNS) {
    const series = panels[id]?.series.find(({ labels }) => labels.service === name)
    const cell = within(row, `.${id}`)
    setText(within(cell, 'span'), formatValue(series ? latestOf(series) : null, panel.unit))
    cell.classList.toggle('failing', id === 'service-errors' && (series ? (latestOf(series) ?? 0) : 0) > 0)
    if (id === PICTURED) drawSparkline(within(cell, '.sparkline'), series?.values ?? [])
  }
}
