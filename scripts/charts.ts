import { createHash } from 'node:crypto'
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { programFolder } from '../packages/cli/src/bundling/bundle.ts'
import { readOptionalFile } from '../packages/cli/src/files/optional-file.ts'
import { chartReadme } from './chart-readme.ts'

const VERSION = /^version: (.*)$/m

/** Lists the folders of all charts. The library is first, because its version is among the sources of the others. */
export const chartFolders = (root: string) => {
  const folders = globSync('charts/*/Chart.yaml', { cwd: root }).map(dirname).sort()
  return [...folders.filter(isLibrary), ...folders.filter(folder => !isLibrary(folder))]
}

const isLibrary = (folder: string) => basename(folder) === 'common'

/**
 * Returns the texts of a chart's generated files, by path: Chart.yaml, README.md and, for the chart platform, values.yaml with the names of
 * services.
 */
export function generatedFiles(root: string, folder: string): Record<string, string> {
  const texts = { ...platformValues(root, folder), 'Chart.yaml': describeProgram(root, folder) }
  const readme = chartReadme(root, folder, texts)
  return inFolder(folder, readme === undefined ? texts : { ...texts, 'README.md': readme })
}

/** Returns the version in a Chart.yaml. Throws if it has none. */
export function chartVersion(chart: string): string {
  const version = VERSION.exec(chart)?.[1]
  if (version === undefined) throw new Error('A Chart.yaml has no version')
  return version
}

/** Replaces the version in a Chart.yaml. */
export const withChartVersion = (chart: string, version: string) => chart.replace(VERSION, `version: ${version}`)

/** Returns Chart.yaml with the version and the description in the package.json of the service or tool. */
function describeProgram(root: string, folder: string): string {
  const chart = readFileSync(join(root, folder, 'Chart.yaml'), 'utf8')
  const manifest = readOptionalFile(join(root, programFolder(basename(folder)), 'package.json'))
  if (manifest === undefined) return chart
  const { version, description } = JSON.parse(manifest)
  return chart.replace(/^appVersion: .*$/m, `appVersion: ${version}`).replace(/^description: .*$/m, () => {
    return `description: ${description.includes(': ') ? JSON.stringify(description) : description}`
  })
}

/** Returns values.yaml of the chart platform with all services except the gateway, which routes to them. */
function platformValues(root: string, folder: string): Record<string, string> {
  if (basename(folder) !== 'platform') return {}
  const services = globSync('services/*/package.json', { cwd: root }).map(file => basename(dirname(file)))
  const names = services.filter(name => name !== 'gateway').sort()
  const values = readFileSync(join(root, folder, 'values.yaml'), 'utf8')
  return { 'values.yaml': values.replace(/^services:.*(\n +.*|\n\])*/m, listOf(names)) }
}

/** Formats a YAML list in the style of the formatter, on one line if it fits. */
function listOf(names: string[]) {
  const line = `services: [${names.join(', ')}]`
  return line.length <= 120 ? line : `services:\n  [\n${names.map(name => `    ${name}`).join(',\n')}\n  ]`
}

/** Returns `sha256:` and the hash of a packaged chart, without README.md and its own version. Follows links. */
export function chartSources(root: string, folder: string): string {
  const hash = createHash('sha256')
  for (const file of filesOf(join(root, folder)).filter(file => file !== 'README.md')) {
    const text = readFileSync(join(root, folder, file), 'utf8')
    hash.update(`${file}\0`).update(file === 'Chart.yaml' ? withChartVersion(text, '') : text)
  }
  return `sha256:${hash.digest('hex')}`
}

function filesOf(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below))
    .map(name => join(below, name))
    .flatMap(path => (statSync(join(folder, path)).isDirectory() ? filesOf(folder, path) : [path]))
    .sort()
}

const inFolder = (folder: string, texts: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).map(([file, text]) => [join(folder, file), text]))
