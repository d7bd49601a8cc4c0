import { existsSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { contractFiles, sharedComponentsFile } from '@bulkhead/chassis/contract'
import { metricsOf, type Service } from '@bulkhead/chassis/service'
import { readOptionalFile } from '../packages/cli/src/files/optional-file.ts'
import { DASHBOARDS, dashboardFiles } from '../packages/monitoring/src/generated-files.ts'
import { objectiveProblems } from '../packages/monitoring/src/objectives/check-objectives.ts'
import { readMonitoredServices } from '../packages/monitoring/src/objectives/read-monitored-services.ts'
import { ruleFiles } from '../packages/monitoring/src/rules/files.ts'
import { chartFolders, generatedFiles } from './charts.ts'
import { type Measured, metricsPage } from './metrics-page.ts'
import { skaffoldConfiguration } from './skaffold.ts'

// Writes the generated files: each service's openapi.json and contract.json, the generated parts of charts (descriptions, appVersion,
// READMEs, platform's list of services), skaffold.yaml, docs/metrics.md, and the dashboards and rules in k8s/monitoring. Arguments are
// names of services; by default it handles all. With --contracts it writes only openapi.json and contract.json. With --check it writes
// nothing, and fails if a file is out of date.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean' },
    contracts: { type: 'boolean' },
    root: { type: 'string', default: join(import.meta.dirname, '..') }
  }
})
const { check, contracts, root } = values
const stale: string[] = []

const isAsked = (folder: string) => positionals.length === 0 || positionals.includes(basename(folder))
const allFolders = globSync('services/*/package.json', { cwd: root }).map(dirname).sort()
const folders = allFolders.filter(isAsked)
for (const folder of folders) await keepContract(folder)
if (existsSync(join(root, 'packages/chassis/src'))) keep('packages/chassis/openapi.json', json(sharedComponentsFile()))
if (!contracts) {
  keep('skaffold.yaml', skaffoldConfiguration(root))
  // The page lists the metrics of all services, so it is generated even if only some are asked for.
  if (existsSync(join(root, 'docs'))) keep('docs/metrics.md', metricsPage(await measuredServices()))
  if (existsSync(join(root, 'k8s/monitoring'))) await keepRules()
  // The chart platform lists all services, so it is generated even if only some are asked for.
  const isAskedChart = (folder: string) => isAsked(folder) || basename(folder) === 'platform'
  for (const folder of chartFolders(root).filter(isAskedChart)) keepAll(generatedFiles(root, folder))
  // Dashboards are written even if only some services are asked for, so that those of removed services go.
  if (existsSync(join(root, 'k8s/monitoring'))) keepFolder(DASHBOARDS, dashboardFiles(root))
}

if (!check) console.log(stale.length > 0 ? `written: ${stale.join(', ')}` : 'all generated files are up to date')
else if (stale.length > 0) {
  console.error(`out of date: ${stale.join(', ')}. Run: make generate`)
  process.exitCode = 1
}

async function keepContract(folder: string) {
  const service = await definitionIn(folder)
  if (!service) return
  for (const [file, document] of Object.entries(contractFiles(service.contract))) {
    keep(join(folder, file), json(document))
  }
}

/**
 * Writes the rules for all services, and prints wrong objectives. Only --check fails for them, because the gateway's objectives may name an
 * operation of a service that is being removed.
 */
async function keepRules() {
  const services = await readMonitoredServices(root)
  const problems = objectiveProblems(services)
  for (const problem of problems) console.error(problem)
  if (check && problems.length > 0) process.exitCode = 1
  keepAll(ruleFiles(services))
}

async function measuredServices(): Promise<Measured[]> {
  const services = await Promise.all(allFolders.map(definitionIn))
  return services.flatMap(service => (service ? [{ name: service.name, metrics: metricsOf(service) }] : []))
}

/** Loads the definition of a service; undefined if the folder has none. */
async function definitionIn(folder: string): Promise<Service | undefined> {
  const source = join(root, folder, 'src/service.ts')
  if (!existsSync(source)) return undefined
  const exported = Object.values(await import(source)) as Partial<Service>[]
  return exported.find(({ contract }) => contract) as Service | undefined
}

function keepAll(texts: Record<string, string>) {
  for (const [file, text] of Object.entries(texts)) keep(file, text)
}

/** Keeps the files of a folder in which every file is generated, and removes all others. */
function keepFolder(folder: string, texts: Record<string, string>) {
  keepAll(texts)
  for (const file of globSync(`${folder}/*`, { cwd: root })) {
    if (file in texts) continue
    stale.push(file)
    if (!check) rmSync(join(root, file))
  }
}

function keep(file: string, text: string) {
  if (readOptionalFile(join(root, file)) === text) return
  stale.push(file)
  if (check) return
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

function json(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}
