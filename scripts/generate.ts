import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { textOf } from '../packages/cli/src/text-of.ts'
import { chartFolders, generatedFiles } from './charts.ts'
import { skaffoldConfiguration } from './skaffold.ts'
import { nextRelease } from './versions.ts'

// Raises the version of every service whose code changed since git's HEAD, in package-lock.json too, then writes its openapi.json,
// contract.json and release.json, what is generated of charts (versions, READMEs, platform's list of services), and skaffold.yaml of all;
// with --check it fails when one is not what the sources give; with --contracts it writes no more than openapi.json and contract.json.
// Words are the names of services, all when there are none.
const LOCK = 'package-lock.json'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean' },
    contracts: { type: 'boolean' },
    root: { type: 'string', default: join(import.meta.dirname, '..') }
  }
})
const { check, contracts, root } = values
const stale = new Set<string>()
let written = 0

const isAsked = (folder: string) => positionals.length === 0 || positionals.includes(basename(folder))
const folders = globSync('services/*/package.json', { cwd: root }).map(dirname).filter(isAsked).sort()
for (const folder of folders) {
  if (!contracts) await keepRelease(folder)
  await keepContract(folder)
}
for (const folder of globSync('packages/cli/templates/*', { cwd: root }).filter(isAsked)) await keepContract(folder)
if (!contracts) keep('skaffold.yaml', skaffoldConfiguration(root))

// Platform lists all services, whichever are asked.
const isAskedChart = (folder: string) => isAsked(folder) || basename(folder) === 'platform'
if (!contracts) for (const folder of chartFolders(root).filter(isAskedChart)) keepChart(folder)

if (!check) console.log(written > 0 ? `${written} files written` : 'all files are as generated')
if (stale.size > 0) {
  console.error(`not as generated: ${[...stale].join(', ')}. Run: make generate`)
  process.exit(1)
}

async function keepRelease(folder: string) {
  const release = await nextRelease(root, basename(folder))
  keepVersion(folder, release.version)
  keep(join(folder, 'release.json'), json(release))
}

function keepVersion(folder: string, version: string) {
  const manifest = readFileSync(join(root, folder, 'package.json'), 'utf8')
  const wanted = manifest.replace(/("version":\s*")[^"]*/, (_, start) => start + version)
  if (manifest !== wanted)
    console.log(`${basename(folder)} changed since the last commit: its version is to be ${version}`)
  keep(join(folder, 'package.json'), wanted)
  keepLockedVersion(folder, version)
}

/** npm writes the versions of workspaces to its lock file too, at the next install; a new service is not in it yet. */
function keepLockedVersion(folder: string, version: string) {
  const lock = JSON.parse(textOf(join(root, LOCK)) ?? '{}')
  const workspace = lock.packages?.[folder]
  if (!workspace || workspace.version === version) return
  workspace.version = version
  keep(LOCK, json(lock))
}

async function keepContract(folder: string) {
  const source = join(root, folder, 'src/contract.ts')
  if (!existsSync(source)) return
  const { contract } = await import(source)
  keep(join(folder, 'openapi.json'), json(contract.provides.openapi))
  keep(join(folder, 'contract.json'), json(contract))
}

function keepChart(folder: string) {
  for (const [file, text] of Object.entries(generatedFiles(root, folder))) keep(file, text)
}

function keep(file: string, text: string) {
  if (textOf(join(root, file)) === text) return
  written++
  if (check) stale.add(file)
  else writeFileSync(join(root, file), text)
}

function json(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}
