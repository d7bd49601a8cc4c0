import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { programFolder, TOOLS } from '../packages/cli/src/bundling/bundle.ts'
import { sourcesDigest } from '../packages/cli/src/bundling/image-version.ts'
import { RELEASES_FILE, type Release, readReleases } from '../packages/cli/src/bundling/releases.ts'
import { readOptionalFile } from '../packages/cli/src/files/optional-file.ts'
import { chartFolders, chartSources, chartVersion, generatedFiles, withChartVersion } from './charts.ts'
import { isOlder, nextPatch } from './versions.ts'

// Makes a release: increases the patch version of each service, tool and chart whose sources changed since its last release, and records all
// versions in releases.json. Keeps versions that were increased by hand. With --check it writes nothing, lists the services, tools and charts
// that changed, and fails if a version is older than its last release.
const LOCK = 'package-lock.json'

const { values } = parseArgs({
  options: {
    check: { type: 'boolean' },
    root: { type: 'string', default: join(import.meta.dirname, '..') }
  }
})
const { check, root } = values
const last = readReleases(root)
const services: Record<string, Release> = {}
const tools: Record<string, Release> = {}
const charts: Record<string, Release> = {}
const older: string[] = []
const changed: string[] = []

for (const folder of globSync('services/*/package.json', { cwd: root }).map(dirname).sort())
  services[basename(folder)] = await releaseProgram(folder, last.services)
for (const folder of TOOLS.map(programFolder).filter(folder => existsSync(join(root, folder))))
  tools[basename(folder)] = await releaseProgram(folder, last.tools)
for (const folder of chartFolders(root)) {
  if (!check) for (const [file, text] of Object.entries(generatedFiles(root, folder))) write(file, text)
  const chart = read(join(folder, 'Chart.yaml'))
  const now = { version: chartVersion(chart), sources: chartSources(root, folder) }
  const release = released(folder, last.charts[basename(folder)], now)
  if (!check) write(join(folder, 'Chart.yaml'), withChartVersion(chart, release.version))
  charts[basename(folder)] = release
}

if (older.length > 0) {
  console.error(`${older.join('\n')}\nA version is never lowered. Raise it, or run: make release-versions`)
  process.exitCode = 1
} else if (!check) {
  write(RELEASES_FILE, `${JSON.stringify({ services, tools, charts }, undefined, 2)}\n`)
  console.log(changed.length > 0 ? changed.join('\n') : 'nothing changed since the last release')
} else if (changed.length > 0) {
  console.log(`changed since the last release, to be raised by the next one: ${changed.join(', ')}`)
}

/** Releases a service or a tool, and writes its version. */
async function releaseProgram(folder: string, before: Record<string, Release>): Promise<Release> {
  const name = basename(folder)
  const { version } = JSON.parse(read(join(folder, 'package.json')))
  const release = released(folder, before[name], { version, sources: await sourcesDigest(root, name) })
  if (!check) writeVersion(folder, release.version)
  return release
}

/** Returns the new release of a service, tool or chart. It equals the last release if nothing changed. */
function released(folder: string, before: Release | undefined, now: Release): Release {
  if (before && isOlder(now.version, before.version)) {
    older.push(`${folder} has the version ${now.version}, older than its last release ${before.version}`)
    return before
  }
  const isTaken = before?.version === now.version && before.sources !== now.sources
  const version = isTaken ? nextPatch(now.version) : now.version
  if (version !== before?.version) changed.push(check ? folder : `${folder} ${before?.version ?? 'new'} -> ${version}`)
  return { version, sources: now.sources }
}

/** Writes the version of a service or a tool into package.json and npm's lock file, which also has the versions of workspaces except new ones. */
function writeVersion(folder: string, version: string) {
  const file = join(folder, 'package.json')
  write(
    file,
    read(file).replace(/("version":\s*")[^"]*/, (_, start) => start + version)
  )
  const lock = JSON.parse(readOptionalFile(join(root, LOCK)) ?? '{}')
  const workspace = lock.packages?.[folder]
  if (!workspace || workspace.version === version) return
  workspace.version = version
  write(LOCK, `${JSON.stringify(lock, undefined, 2)}\n`)
}

function read(file: string) {
  return readFileSync(join(root, file), 'utf8')
}

function write(file: string, text: string) {
  if (readOptionalFile(join(root, file)) !== text) writeFileSync(join(root, file), text)
}
