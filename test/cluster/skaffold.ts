import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { type Cluster, connectCluster, isOwnCluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { undeploy } from '../../packages/cli/src/cluster/undeploy.ts'
import type { Service, Stack } from '../../packages/cli/src/stack.ts'
import { differing, type Ground, type Part, type Unrun } from './part.ts'

const PROGRAMS = ['skaffold', 'helm-3', 'registry']
const NAMESPACE = 'bulkhead-skaffold'
/** Of one module with what it stands on. */
const ONE = 'catalog'
/** Milliseconds of a call that only reads, and of one that builds and deploys. */
const [LIMIT, RUN_LIMIT] = [60_000, 240_000]
const ROOM = 32 * 1024 * 1024

type Rendered = { kind: string; metadata: { name: string }; spec?: { template?: PodTemplate } }
type PodTemplate = { spec: { containers: { image: string }[] } }
type Deployment = { spec: { replicas: number; template: PodTemplate }; status: { readyReplicas?: number } }

export const skaffoldParts: Part[] = [
  { name: 'skaffold diagnose', run: whereBuilt(diagnose) },
  { name: 'skaffold render, all and one', run: whereBuilt(render) },
  { name: `skaffold run -p local -m ${ONE}`, run: whereBuilt(runOne) }
]

/** Building them takes some minutes, which a test is no place for. */
function whereBuilt(run: Part['run']): Part['run'] {
  return async ground => {
    const bin = join(process.env.BULKHEAD_CACHE || join(homedir(), '.cache/bulkhead'), 'bin')
    const missing = PROGRAMS.filter(name => !existsSync(join(bin, name)))
    if (missing.length === 0) return run(ground)
    return { unrun: `${missing.join(', ')} not built. Run: k8s/local/build.sh ${missing.join(' ')}` }
  }
}

/** Resolves with what it printed. Fails with its last lines. */
async function skaffold({ stack, cluster }: Ground, words: string[], limit = LIMIT): Promise<string> {
  const own = { KUBECONFIG: cluster.kubeconfig, NAMESPACE, REGISTRY: '' }
  const env = { ...process.env, ...own, SKAFFOLD_UPDATE_CHECK: 'false', SKAFFOLD_INTERACTIVE: 'false' }
  const options = { cwd: stack.root, env, timeout: limit, maxBuffer: ROOM }
  try {
    return (await promisify(execFile)('k8s/local/skaffold.sh', words, options)).stdout
  } catch (cause) {
    const { stdout = '', stderr = '', killed } = cause as { stdout?: string; stderr?: string; killed?: boolean }
    const last = `${stdout}\n${stderr}`.trim().split('\n').slice(-3).join(' | ')
    throw new Error(`skaffold ${words[0]}: ${killed ? `not done within ${limit / 1_000} s: ` : ''}${last}`, { cause })
  }
}

/** It reads every module, and finds files to watch for every image. */
async function diagnose(ground: Ground): Promise<string[]> {
  const said = await skaffold(ground, ['diagnose'])
  const services = ground.stack.services.map(({ name }) => name)
  const modules = ['platform', 'event-log', ...services].filter(name => !said.includes(`\n  name: ${name}\n`))
  const watched = new Set(
    [...said.matchAll(/artifact: bulkhead-(\S+)\n - Dependencies: [1-9]/g)].map(([, name]) => name)
  )
  return [
    ...modules.map(name => `diagnose knows no module ${name}`),
    ...services.filter(name => !watched.has(name)).map(name => `diagnose finds no files to watch for ${name}`)
  ]
}

async function render(ground: Ground): Promise<string[]> {
  const { stack, cluster } = ground
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-'))
  const rendered = async (file: string, ...words: string[]) => {
    const output = join(folder, file)
    await skaffold(ground, ['render', '--digest-source=none', '--output', output, ...words])
    return readFileSync(output, 'utf8')
  }
  try {
    const all = await rendered('all.yaml')
    const again = await rendered('again.yaml')
    const one = await rendered('one.yaml', '-m', ONE)
    const service = stack.services.filter(({ name }) => name === ONE)
    return [
      ...(all === again ? [] : ['render: another result the second time']),
      ...(await differences('render', all, stack, cluster, stack.services)),
      ...(await differences(`render -m ${ONE}`, one, stack, cluster, service))
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What helm makes of the charts of these services, and of what they stand on, is to be there, and no more; of the images of their versions. */
async function differences(what: string, text: string, { root }: Stack, cluster: Cluster, services: Service[]) {
  const ofCharts = await Promise.all(
    releasesOf(services).map(([name, chart]) => {
      const folder = join(root, 'charts', chart)
      return cluster.helm([
        'template',
        name,
        folder,
        '--skip-tests',
        ...(name === 'event-log' ? ['--set=use=event-log'] : [])
      ])
    })
  )
  const expected = new Set(ofCharts.flatMap(objectsOf).map(title))
  const came = objectsOf(text)
  const titles = new Set(came.map(title))
  const images = services.flatMap(({ name, version }) => {
    const found = came.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)
    return differing(`${what}: image of ${name}`, `bulkhead.local/bulkhead-${name}:${version}`, imageOf(found))
  })
  return [
    ...[...expected].filter(object => !titles.has(object)).map(object => `${what}: no ${object}`),
    ...[...titles].filter(object => !expected.has(object)).map(object => `${what}: ${object}, which no chart has`),
    ...(came.length === titles.size ? [] : [`${what}: something is there twice`]),
    ...images
  ]
}

const releasesOf = (services: Service[]): [name: string, chart: string][] => [
  ['platform', 'platform'],
  ['event-log', 'store-redis'],
  ...services.map(({ name }): [string, string] => [name, name]),
  ...services
    .filter(({ store }) => store !== 'none')
    .map(({ name, store }): [string, string] => [`${name}-store`, `store-${store}`])
]

const objectsOf = (text: string): Rendered[] =>
  parseAllDocuments(text)
    .map(document => document.toJS())
    .filter(Boolean)
const title = ({ kind, metadata }: Rendered) => `${kind} ${metadata.name}`
const imageOf = (found?: { spec?: { template?: PodTemplate } }) => found?.spec?.template?.spec.containers[0]?.image

/** In a namespace of its own: built, deployed, ready, and taken away again. */
async function runOne(ground: Ground): Promise<string[] | Unrun> {
  if (!isOwnCluster(ground.cluster))
    return { unrun: 'profile local is for the cluster that make cluster builds itself' }
  const { stack, cluster } = ground
  const installed = await connectCluster(stack.root, { ...process.env, KUBECONFIG: cluster.kubeconfig }, NAMESPACE)
  await undeploy(stack, installed)
  try {
    await skaffold(ground, ['run', '-p', 'local', '-m', ONE], RUN_LIMIT)
    const found = await installed.get<Deployment>('deployment', ONE)
    const image = imageOf(found) ?? 'none'
    const releases = (await installed.helm(['list', '--short'])).trim().split('\n').sort()
    return [
      ...(/^127\.0\.0\.1:\d+\/bulkhead-catalog:.+@sha256:[0-9a-f]{64}$/.test(image)
        ? []
        : [`its image is ${image}, not one that skaffold built`]),
      ...differing(`ready pods of ${ONE}`, found?.spec.replicas, found?.status.readyReplicas),
      ...differing('the releases', [ONE, `${ONE}-store`, 'event-log', 'platform'], releases)
    ]
  } finally {
    await undeploy(stack, installed)
  }
}
