import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { textOf } from '../packages/cli/src/text-of.ts'
import { chartReadme } from './chart-readme.ts'
import { nextPatch } from './versions.ts'

/** What a Chart.yaml says of itself: a version, and the digest of the sources that the version stands for. */
type Identity = { version?: string; sources?: string }

const VERSION = /^version: (.*)$/m
const SOURCES = /^( *bulkhead\/sources:) (.*)$/m

/** The folders of all charts of a repository; first the library, whose version is among the sources of the others. */
export const chartFolders = (root: string) => {
  const folders = globSync('charts/*/Chart.yaml', { cwd: root }).map(dirname).sort()
  return [...folders.filter(isLibrary), ...folders.filter(folder => !isLibrary(folder))]
}

const isLibrary = (folder: string) => basename(folder) === 'common'

/**
 * The generated files of a chart, their texts by path: Chart.yaml with the version of its service and its own, which is raised where git's
 * HEAD has it for other sources; README.md from the values; and platform's values, with the names of all services.
 */
export function generatedFiles(root: string, folder: string): Record<string, string> {
  const values = platformValues(root, folder)
  const chart = describeService(root, folder)
  if (!SOURCES.test(chart))
    throw new Error(`${folder}/Chart.yaml has no annotation "bulkhead/sources: none" to write to`)
  const digest = sourcesDigest(join(root, folder), { 'Chart.yaml': withIdentity(chart, {}), ...values })
  const version = VERSION.exec(chart)?.[1] ?? ''
  const committed = identityOf(committedText(root, join(folder, 'Chart.yaml')))
  const isTaken = committed.version === version && committed.sources !== digest
  const written = withIdentity(chart, { version: isTaken ? nextPatch(version) : version, sources: digest })
  const texts = { ...values, 'Chart.yaml': written }
  const readme = chartReadme(root, folder, texts)
  return inFolder(folder, readme === undefined ? texts : { ...texts, 'README.md': readme })
}

/** Chart.yaml with what package.json says of the service. */
function describeService(root: string, folder: string): string {
  const chart = readFileSync(join(root, folder, 'Chart.yaml'), 'utf8')
  const manifest = textOf(join(root, 'services', basename(folder), 'package.json'))
  if (manifest === undefined) return chart
  const { version, description } = JSON.parse(manifest)
  return chart.replace(/^appVersion: .*$/m, `appVersion: ${version}`).replace(/^description: .*$/m, () => {
    return `description: ${description.includes(': ') ? JSON.stringify(description) : description}`
  })
}

/** The gateway routes to every service but itself. */
function platformValues(root: string, folder: string): Record<string, string> {
  if (basename(folder) !== 'platform') return {}
  const services = globSync('services/*/package.json', { cwd: root }).map(file => basename(dirname(file)))
  const names = services.filter(name => name !== 'gateway').sort()
  const values = readFileSync(join(root, folder, 'values.yaml'), 'utf8')
  return { 'values.yaml': values.replace(/^services:.*(\n +.*|\n\])*/m, listOf(names)) }
}

/** On one line where it fits, as the formatter has it. */
function listOf(names: string[]) {
  const line = `services: [${names.join(', ')}]`
  return line.length <= 120 ? line : `services:\n  [\n${names.map(name => `    ${name}`).join(',\n')}\n  ]`
}

/** Of all that is packaged but for README.md: links are followed. `texts` are taken in the place of files. */
function sourcesDigest(folder: string, texts: Record<string, string>): string {
  const hash = createHash('sha256')
  for (const file of filesOf(folder)) {
    if (file !== 'README.md') hash.update(`${file}\0`).update(texts[file] ?? readFileSync(join(folder, file)))
  }
  return `sha256:${hash.digest('hex')}`
}

function filesOf(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below))
    .map(name => join(below, name))
    .flatMap(path => (statSync(join(folder, path)).isDirectory() ? filesOf(folder, path) : [path]))
    .sort()
}

const withIdentity = (chart: string, { version = '', sources = '' }: Identity) =>
  chart.replace(VERSION, `version: ${version}`).replace(SOURCES, `$1 ${sources}`)

const identityOf = (chart = ''): Identity => ({ version: VERSION.exec(chart)?.[1], sources: SOURCES.exec(chart)?.[2] })

/** Undefined where there is no git, no commit, or no such file in it. */
function committedText(root: string, file: string): string | undefined {
  try {
    const show = ['show', `HEAD:./${file}`]
    return execFileSync('git', show, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return undefined
  }
}

const inFolder = (folder: string, texts: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).map(([file, text]) => [join(folder, file), text]))
