import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { type Cluster, connectCluster, isOwnCluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import { undeploy } from '../../../packages/cli/src/cluster/undeploy.ts'
import type { Service, Stack } from '../../../packages/cli/src/services/stack.ts'
import { differenceOf, type Installation, type Part, type Unrun } from '../part.ts'

const PROGRAMS = ['skaffold', 'helm-3', 'registry']
const NAMESPACE = 'bulkhead-skaffold'
/** The module that the part deploys, with the modules that it needs. */
const ONE = 'catalog'
/** Limits in ms: for a call that only reads, and for a call that builds and deploys. */
const [LIMIT, RUN_LIMIT] = [60_000, 240_000]
const ROOM = 32 * 1024 * 1024

type Rendered = { kind: string; metadata: { name: string }; spec?: { template?: PodTemplate } }
type PodTemplate = { spec: { containers: { image: string }[] } }
type Deployment = { spec: { replicas: number; template: PodTemplate }; status: { readyReplicas?: number } }

export const skaffoldParts: Part[] = [
  { name: 'skaffold diagnose', run: ifBuilt(diagnose) },
  { name: 'skaffold render, all and one', run: ifBuilt(render) },
  { name: `skaffold run -p local -m ${ONE}`, run: ifBuilt(runOne) }
]

/** Runs the part only if its programs are built, because building them takes too long for a test. */
function ifBuilt(run: Part['run']): Part['run'] {
  return async installation => {
    const bin = join(process.env.BULKHEAD_CACHE || join(homedir(), '.cache/bulkhead'), 'bin')
    const missing = PROGRAMS.filter(name => !existsSync(join(bin, name)))
    if (missing.length === 0) return run(installation)
    return { unrun: `${missing.join(', ')} are not built. Run: k8s/local/build.sh ${missing.join(' ')}` }
  }
}

/** Runs skaffold. Resolves with its output, and fails with its last lines. */
async function skaffold({ stack, cluster }: Installation, words: string[], limit = LIMIT): Promise<string> {
  const own = { KUBECONFIG: cluster.kubeconfig, NAMESPACE, REGISTRY: '' }
  const env = { ...process.env, ...own, SKAFFOLD_UPDATE_CHECK: 'false', SKAFFOLD_INTERACTIVE: 'false' }
  const options = { cwd: stack.root, env, timeout: limit, maxBuffer: ROOM }
  try {
    return (await promisify(execFile)('k8s/local/skaffold.sh', words, options)).stdout
  } catch (cause) {
    const { stdout = '', stderr = '', killed } = cause as { stdout?: string; stderr?: string; killed?: boolean }
    const last = `${stdout}\n${stderr}`.trim().split('\n').slice(-3).join(' | ')
    throw new Error(`skaffold ${words[0]}: ${killed ? `not finished within ${limit / 1_000} s: ` : ''}${last}`, {
      cause
    })
  }
}

/** Checks that skaffold reads every module, and finds files to watch for every image. */
async function diagnose(installation: Installation): Promise<string[]> {
  const output = await skaffold(installation, ['diagnose'])
  const services = installation.stack.services.map(({ name }) => name)
  const modules = ['platform', 'event-log', ...services].filter(name => !output.includes(`\n  name: ${name}\n`))
  const watched = new Set(
    [...output.matchAll(/artifact: bulkhead-(\S+)\n - Dependencies: [1-9]/g)].map(([, name]) => name)
  )
  return [
    ...modules.map(name => `diagnose does not know the module ${name}`),
    ...services.filter(name => !watched.has(name)).map(name => `diagnose finds no files to watch for ${name}`)
  ]
}

async function render(installation: Installation): Promise<string[]> {
  const { stack, cluster } = installation
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-'))
  const rendered = async (file: string, ...words: string[]) => {
    const output = join(folder, file)
    await skaffold(installation, ['render', '--digest-source=none', '--output', output, ...words])
    return readFileSync(output, 'utf8')
  }
  try {
    const all = await rendered('all.yaml')
    const again = await rendered('again.yaml')
    const one = await rendered('one.yaml', '-m', ONE)
    const service = stack.services.filter(({ name }) => name === ONE)
    return [
      ...(all === again ? [] : ['render: the second result differs from the first']),
      ...(await differences('render', all, stack, cluster, stack.services)),
      ...(await differences(`render -m ${ONE}`, one, stack, cluster, service))
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * Compares skaffold's output with helm's. It must have exactly the objects that helm renders from the charts of these services and of the
 * modules that they need, with the images of their versions.
 */
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
  const rendered = objectsOf(text)
  const titles = new Set(rendered.map(title))
  const images = services.flatMap(({ name, version }) => {
    const found = rendered.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)
    return differenceOf(`${what}: image of ${name}`, `bulkhead.local/bulkhead-${name}:${version}`, imageOf(found))
  })
  return [
    ...[...expected].filter(object => !titles.has(object)).map(object => `${what}: ${object} is missing`),
    ...[...titles].filter(object => !expected.has(object)).map(object => `${what}: ${object} is in no chart`),
    ...(rendered.length === titles.size ? [] : [`${what}: an object is there twice`]),
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

/** Builds and deploys one module in a separate namespace, waits until it is ready, and removes it. */
async function runOne(installation: Installation): Promise<string[] | Unrun> {
  if (!isOwnCluster(installation.cluster))
    return { unrun: 'profile local works only on the local node of make cluster' }
  const { stack, cluster } = installation
  const installed = await connectCluster(stack.root, { ...process.env, KUBECONFIG: cluster.kubeconfig }, NAMESPACE)
  await undeploy(stack, installed)
  try {
    await skaffold(installation, ['run', '-p', 'local', '-m', ONE], RUN_LIMIT)
    const found = await installed.get<Deployment>('deployment', ONE)
    const image = imageOf(found) ?? 'none'
    const releases = (await installed.helm(['list', '--short'])).trim().split('\n').sort()
    return [
      ...(/^127\.0\.0\.1:\d+\/bulkhead-catalog:.+@sha256:[0-9a-f]{64}$/.test(image)
        ? []
        : [`its image is ${image}, which skaffold did not build`]),
      ...differenceOf(`ready pods of ${ONE}`, found?.spec.replicas, found?.status.readyReplicas),
      ...differenceOf('the releases', [ONE, `${ONE}-store`, 'event-log', 'platform'], releases)
    ]
  } finally {
    await undeploy(stack, installed)
  }
}
