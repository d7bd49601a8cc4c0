import type { DocumentedMetric } from '../services/metrics-page.ts'
import type { Panel, Unit } from './panel.ts'
import { maxBy, ofService, quantile, rate, series, sumBy } from './queries.ts'

/** Endings of the names of metrics. They say the type or the unit, which the panel shows anyway. */
const ENDINGS = /(_seconds|_bytes|_minor_units)?(_total)?$/

/** A panel for a metric that only one service has, with the meaning from the definition of the metric. */
export function ownPanel(metric: DocumentedMetric, service: string): Panel {
  const { name, meaning, labels } = metric
  return {
    title: titleOf(name, service),
    description: `${meaning}. ${readingOf(metric)}.`,
    unit: unitOf(metric),
    queries: [{ expr: exprOf(metric, service), legend: legendOf(labels, name) }]
  }
}

function exprOf({ name, type, labels }: DocumentedMetric, service: string): string {
  const own = ofService(service)
  const by = labels.length > 0 ? labels.join(', ') : 'service'
  if (type === 'histogram') return quantile(0.95, by, name, own)
  return type === 'counter' ? sumBy(by, rate(name, own)) : maxBy(by, series(name, own))
}

function readingOf({ type }: DocumentedMetric): string {
  if (type === 'histogram') return 'The value that 95 % do not exceed'
  return type === 'counter' ? 'Per second, over all replicas' : 'The highest figure of a replica'
}

function unitOf({ name, type }: DocumentedMetric): Unit {
  if (type === 'counter') return 'per-second'
  if (name.endsWith('_seconds')) return 'seconds'
  return name.endsWith('_bytes') ? 'bytes' : 'short'
}

const legendOf = (labels: string[], name: string) =>
  labels.length > 0 ? labels.map(label => `{{${label}}}`).join(' ') : name.replace(ENDINGS, '')

/** Returns `Holds mended` for `inventory_holds_mended_total`. */
function titleOf(name: string, service: string): string {
  const words = name.replace(ENDINGS, '').replace(new RegExp(`^(bulkhead|${service.replaceAll('-', '_')})_`), '')
  return words.charAt(0).toUpperCase() + words.slice(1).replaceAll('_', ' ')
}
