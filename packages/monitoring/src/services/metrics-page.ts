/** A metric in docs/metrics.md. */
export type DocumentedMetric = {
  name: string
  type: 'counter' | 'gauge' | 'histogram'
  labels: string[]
  /** What the metric means, in a sentence without a full stop. */
  meaning: string
  /** The only service that has it. Undefined if several services have it. */
  service?: string
}

const HEADING = /^## Metrics of (\S+)$/
const ROW = /^\| `(\w+)` +\| (counter|gauge|histogram) +\| [^|]*\| ([^|]*)\| ((?:[^|]|\\\|)*?) *\|/
const LABEL = /`(\w+)`:/g

/** Reads the metrics in docs/metrics.md, which `make generate` writes from their definitions. */
export function documentedMetrics(page: string): DocumentedMetric[] {
  let service: string | undefined
  return page.split('\n').flatMap(line => {
    const heading = line.startsWith('## ')
    if (heading) service = HEADING.exec(line)?.[1]
    const [, name, type, labels, meaning] = ROW.exec(line) ?? []
    if (!name) return []
    return [
      { name, type: type as DocumentedMetric['type'], labels: labelsIn(labels!), meaning: meaning!, ...only(service) }
    ]
  })
}

const labelsIn = (cell: string) => [...cell.matchAll(LABEL)].map(([, label]) => label!)

const only = (service: string | undefined) => (service === undefined ? {} : { service })
