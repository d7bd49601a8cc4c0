import type { MetricDefinition } from '@bulkhead/chassis/core'
import { markdownTable } from './markdown-table.ts'

/** A service with the definitions of its metrics. */
export type Measured = { name: string; metrics: MetricDefinition[] }

/** A metric with the names of the services that have it. */
type Listed = { metric: MetricDefinition; services: string[] }

const INTRODUCTION = `<!-- Made by scripts/metrics-page.ts; \`make generate\` writes it anew. -->

# Metrics

Every service answers \`/metrics\` on its management port, in Prometheus' text format, or in OpenMetrics if the scrape asks for it. In
OpenMetrics, \`bulkhead_request_duration_seconds\` has exemplars with the label \`trace_id\`, for requests whose trace is sampled. Prometheus
keeps exemplars with \`--enable-feature=exemplar-storage\`.

No metric has a label for the service or the namespace: Prometheus adds \`service\` and \`namespace\` to all metrics of a target. A counter
exists at 0 from the start if all values of its labels are listed here or follow from the service's contract. So \`rate()\` and \`increase()\`
see the first event. A measurement that takes longer than 500 ms leaves the last figure, so a hanging store never hangs a scrape.

Each service also has the metrics of Node and its process, \`nodejs_*\` and \`process_*\`, as
[prom-client](https://github.com/siimon/prom-client#default-metrics) describes them.
`

/** Returns docs/metrics.md: every metric of the services, with its type, unit, labels and meaning. Throws if two definitions share a name. */
export function metricsPage(services: Measured[]): string {
  const listed = listOf(services)
  const common = listed.filter(({ services: having }) => having.length > 1)
  const sections = services.flatMap(({ name }) => {
    const own = listed.filter(({ services: having }) => having.length === 1 && having[0] === name)
    return own.length === 0 ? [] : [`## Metrics of ${name}\n\n${table(own, OWN_COLUMNS)}`]
  })
  const servicesOf = ({ services: having }: Listed) => (having.length === services.length ? 'all' : having.join(', '))
  const commonColumns = [...OWN_COLUMNS, { title: 'services', cell: servicesOf }]
  return [INTRODUCTION, `## Metrics of several services\n\n${table(common, commonColumns)}`, ...sections].join('\n')
}

function listOf(services: Measured[]): Listed[] {
  const byName = new Map<string, Listed>()
  for (const { name, metrics } of services) {
    for (const metric of metrics) {
      const listed = byName.get(metric.name) ?? { metric, services: [] }
      if (listed.metric !== metric) throw new Error(`Two definitions have the name ${metric.name}`)
      byName.set(metric.name, listed)
      listed.services.push(name)
    }
  }
  return [...byName.values()].sort((one, other) => (one.metric.name < other.metric.name ? -1 : 1))
}

type Column = { title: string; cell: (listed: Listed) => string }

const OWN_COLUMNS: Column[] = [
  { title: 'metric', cell: ({ metric }) => `\`${metric.name}\`` },
  { title: 'type', cell: ({ metric }) => metric.type },
  { title: 'unit', cell: ({ metric }) => unitOf(metric.name) },
  { title: 'labels', cell: ({ metric }) => labelsOf(metric) },
  { title: 'meaning', cell: ({ metric }) => metric.help }
]

function table(rows: Listed[], columns: Column[]) {
  const titles = columns.map(({ title }) => title)
  return `${markdownTable(
    titles,
    rows.map(row => columns.map(({ cell }) => cell(row)))
  )}\n`
}

/** The units that end the names of metrics. All others count things. */
const UNITS = { seconds: 'seconds', bytes: 'bytes', minor_units: 'minor units', info: '' }

function unitOf(name: string) {
  const base = name.replace(/_total$/, '')
  const ending = Object.keys(UNITS).find(each => base.endsWith(`_${each}`))
  return ending ? UNITS[ending as keyof typeof UNITS] : 'number'
}

const labelsOf = ({ labels = {} }: MetricDefinition) =>
  Object.entries(labels)
    .map(([label, values]) => `\`${label}\`: ${typeof values === 'string' ? values : values.join(', ')}`)
    .join('; ')
