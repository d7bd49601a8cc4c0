import type { Registry } from 'prom-client'

/** The media type of OpenMetrics 1.0. Only this format has exemplars. */
export const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** Returns whether the `Accept` header of a scrape asks for OpenMetrics. Prometheus asks for it if it stores exemplars, and by default. */
export const wantsOpenMetrics = (accept: string | undefined): boolean =>
  /application\/openmetrics-text\s*(;|,|$)/.test(accept ?? '')

type Labels = Record<string, string | number>

/** A sample as prom-client returns it. Its types lack the exemplar. */
type Sample = {
  value: number
  labels: Labels
  metricName?: string
  exemplar?: { labelSet: Labels; value: number; timestamp: number } | null
}

/**
 * Returns the metrics in the format of OpenMetrics 1.0. The library's own text in this format renames the counters for good, so that its
 * registry can no longer answer in the other format.
 */
export async function openMetricsText(registry: Registry): Promise<string> {
  const families = await registry.getMetricsAsJSON()
  const texts = families.map(({ name, help, type, values }) => {
    const isCounter = String(type) === 'counter'
    const family = isCounter ? name.replace(/_total$/, '') : name
    const samples = (values as Sample[]).map(sample => {
      const sampleName = isCounter ? `${family}_total` : (sample.metricName ?? family)
      return `${sampleName}${labelsText(sample.labels)} ${numberText(sample.value)}${exemplarText(sample)}`
    })
    return [`# HELP ${family} ${escaped(help)}`, `# TYPE ${family} ${type}`, ...samples].join('\n')
  })
  return `${texts.join('\n')}\n# EOF\n`
}

function exemplarText({ exemplar }: Sample) {
  if (!exemplar) return ''
  const { labelSet, value, timestamp } = exemplar
  return ` # {${pairs(labelSet)}} ${numberText(value)} ${timestamp}`
}

const labelsText = (labels: Labels) => (Object.keys(labels).length > 0 ? `{${pairs(labels)}}` : '')

const pairs = (labels: Labels) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(',')

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

function numberText(value: number) {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
