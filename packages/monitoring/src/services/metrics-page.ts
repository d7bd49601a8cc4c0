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
const NAME = /^`(\w+)`$/
const LABEL = /`(\w+)`:/g
/** A pipe inside a cell has a backslash. */
const BORDER = /(?<!\\)\|/

/** Reads the metrics in docs/metrics.md, which `make generate` writes from their definitions. */
export function documentedMetrics(page: string): DocumentedMetric[] {
  let service: string | undefined
  return page.split('\n').flatMap(line => {
    if (line.startsWith('## ')) service = HEADING.exec(line)?.[1]
    const [, first = '', type, , labels = '', meaning = ''] = line.split(BORDER).map(cell => cell.trim())
    const name = NAME.exec(first)?.[1]
    if (name === undefined) return []
    const metric = { name, type: type as DocumentedMetric['type'], labels: labelsIn(labels), meaning }
    return [service === undefined ? metric : { ...metric, service }]
  })
}

const labelsIn = (cell: string) => [...cell.matchAll(LABEL)].map(([, label]) => label!)
