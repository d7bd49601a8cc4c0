import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isMap, isScalar, parse, parseDocument, type YAMLMap } from 'yaml'
import { releaseOf } from './helm.ts'
import { markdownTable } from './markdown-table.ts'

type Row = { path: string; value: string; meaning: string }

/**
 * Writes the README.md of a chart: its description, how to install it, and a table of its values with the comments above them in
 * values.yaml. For a service, the table also has the common values of all services. Returns undefined for a library. `texts` replaces the
 * chart's files.
 */
export function chartReadme(root: string, folder: string, texts: Record<string, string>): string | undefined {
  const name = basename(folder)
  const chart = parse(texts['Chart.yaml']!)
  if (chart.type === 'library') return undefined
  const document = parseDocument(texts['values.yaml'] ?? readFileSync(join(root, folder, 'values.yaml'), 'utf8'))
  const isService = chart.dependencies.some((dependency: object) => 'import-values' in dependency)
  const common = isService ? commonRows(root) : []
  const own = isMap(document.contents) ? rowsOf(document.contents) : []
  return `# Chart ${name}

${chart.description}.
${paragraph(document.commentBefore)}
    helm upgrade --install ${releaseOf(name, 'SERVICE')} charts/${name} --namespace bulkhead

${tableOf(merged(common, own))}
${paragraph(document.comment)}
The table is made of the comments in ${isService ? 'values.yaml and charts/common/values.yaml' : 'values.yaml'} by \`make generate\`.
`
}

const paragraph = (comment: string | null | undefined) => (comment ? `\n${sentence(comment)}.\n` : '')

const sentence = (comment: string) =>
  comment
    .split('\n')
    .map(line => line.trim())
    .join(' ')

function commonRows(root: string): Row[] {
  const document = parseDocument(readFileSync(join(root, 'charts/common/values.yaml'), 'utf8'))
  return rowsOf(document.get('service') as YAMLMap)
}

/** Returns one row for each value that is not a block of values, in the order of the file. */
function rowsOf(map: YAMLMap, above = ''): Row[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) throw new Error(`A key of ${above} is not a text`)
    const path = above + key.value
    // The parser attaches a comment before the first key to the map.
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined)
    if (isMap(value) && !value.flow) return rowsOf(value, `${path}.`)
    return [
      { path, value: JSON.stringify((value as { toJSON(): unknown }).toJSON()), meaning: sentence(comment ?? '') }
    ]
  })
}

/** Replaces common rows with the chart's own rows. A value inside a map that is empty by default replaces the row of the map. */
function merged(common: Row[], own: Row[]): Row[] {
  const inPlaceOf = (row: Row) => (other: Row) => other.path === row.path || other.path.startsWith(`${row.path}.`)
  const rows = common.flatMap(row => {
    const mine = own.filter(inPlaceOf(row))
    return mine.length === 0
      ? [row]
      : mine.map(({ meaning, ...other }) => ({ ...other, meaning: meaning || row.meaning }))
  })
  return [...rows, ...own.filter(row => !common.some(other => inPlaceOf(other)(row)))]
}

const tableOf = (rows: Row[]): string =>
  markdownTable(
    ['value', 'default', 'meaning'],
    rows.map(({ path, value, meaning }) => [`\`${path}\``, `\`${value}\``, meaning])
  )
