import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import { Failure } from '../../../packages/cli/src/failure.ts'
import { findProgram, pathWithBuilt } from '../../../packages/cli/src/processes/system-packages.ts'
import { releaseOf } from '../../../scripts/helm.ts'
import { SCHEMA_FILES, writeSchemas } from '../installation/open-api-schemas.ts'
import type { Part } from '../part.ts'

const LIMIT = 60_000
/** Values that render every kind of object that a service's chart can have. */
const EVERYTHING = 'autoscaling.enabled=true,route.enabled=true,ingress.enabled=true,ingress.host=shop.example'

type Verdict = { filename: string; kind: string; name: string; status: string; msg: string }

/** Checks that the cluster knows every field that the charts render. */
export const charts: Part = {
  name: 'charts are valid',
  async run({ stack, cluster, say }) {
    const folders = globSync('charts/*/values.schema.json', { cwd: stack.root }).map(file =>
      join(stack.root, dirname(file))
    )
    const services = new Set(stack.services.map(({ name }) => name))
    const linted = await Promise.all(folders.map(folder => findingsOf(cluster.helm(['lint', '--strict', folder]))))
    const rendered = await Promise.all([
      ...folders.map(folder => render(cluster, folder)),
      ...folders.filter(folder => services.has(basename(folder))).map(folder => render(cluster, folder, EVERYTHING)),
      render(cluster, join(stack.root, 'charts/store-redis'), 'use=event-log', 'event-log')
    ])
    const text = rendered.join('\n---\n')
    const versions = [...new Set([...text.matchAll(/^apiVersion: (\S+)$/gm)].map(([, version]) => version!))]
    const schemas = mkdtempSync(join(tmpdir(), 'bulkhead-schemas-'))
    try {
      await writeSchemas(cluster, versions, schemas)
      const verdicts = await conform(schemas, text)
      const misspelt = text.replace(/^( +)replicas: 2$/m, '$1replica: 2')
      const planted = (await conform(schemas, misspelt)).filter(isWrong)
      say(`    ${folders.length} charts, ${verdicts.length} objects of ${versions.length} API versions`)
      return [
        ...linted.flat(),
        ...(verdicts.length > 0 ? [] : ['the charts rendered nothing']),
        ...verdicts.filter(isWrong).map(({ kind, name, msg }) => `${kind} ${name}: ${msg}`),
        ...(planted.some(({ msg }) => msg.includes('replica'))
          ? []
          : ['kubeconform accepts the unknown field `replica: 2` in a Deployment'])
      ]
    } finally {
      rmSync(schemas, { recursive: true })
    }
  }
}

const render = (cluster: Cluster, folder: string, values?: string, release = releaseOf(basename(folder))) =>
  cluster.helm(['template', release, folder, ...(values ? ['--set', values] : [])])

const findingsOf = (work: Promise<unknown>) => work.then(() => []).catch(error => [(error as Error).message])

const isWrong = ({ status }: Verdict) => status !== 'statusValid'

/** Runs kubeconform. Resolves with its result for each object. */
async function conform(schemas: string, text: string): Promise<Verdict[]> {
  const program = findProgram('kubeconform', pathWithBuilt(process.env))
  if (!program) throw new Failure('kubeconform is not installed', 'Run: k8s/local/build.sh kubeconform')
  const args = ['-strict', '-verbose', '-output', 'json', '-schema-location', join(schemas, SCHEMA_FILES)]
  return new Promise((resolve, reject) => {
    // kubeconform exits with 1 if an object is invalid. Its output says which one.
    const running = execFile(program, args, { timeout: LIMIT, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout).resources)
      } catch (cause) {
        reject(new Error(`kubeconform: ${stderr.trim() || error?.message}`, { cause }))
      }
    })
    running.stdin?.end(text)
  })
}
