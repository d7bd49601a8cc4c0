import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readOptionalFile } from '../packages/cli/src/files/optional-file.ts'

type Module = { name: string; requires: string[]; build?: string; releases: Release[]; hooks: Hooks }
type Release = { name: string; chart: string; values?: Values; templates?: Values }
type Values = Record<string, string>
/** Commands that run before a module is deployed: always, and only with the profile `local`. */
type Hooks = { always?: string; local?: string }

const NAMESPACE = '{{ env "NAMESPACE" | default "bulkhead" }}'
const HOOKS: Record<string, Hooks> = {
  platform: { always: 'scripts/skaffold-secrets.sh', local: 'k8s/local/load-node-base.sh' },
  'event-log': { local: 'k8s/local/load-stores.sh' }
}

/** Writes skaffold.yaml: one module for the platform, one for the event log, and one for each service with its store. */
export function skaffoldConfiguration(root: string): string {
  const services = globSync('services/*/package.json', { cwd: root })
    .map(file => ({ name: basename(dirname(file)), ...JSON.parse(readFileSync(join(root, file), 'utf8')).bulkhead }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const modules: Omit<Module, 'hooks'>[] = [
    { name: 'platform', requires: [], releases: [{ name: 'platform', chart: 'platform' }] },
    { name: 'event-log', requires: ['platform'], releases: [redis('event-log', 'event-log')] },
    ...services.map(({ name, store, state }) => ({
      name,
      build: name,
      requires: ['platform', 'event-log'],
      releases: [...storeOf(name, store, state), serviceRelease(name, letsPeopleSignIn(root, name))]
    }))
  ]
  const texts = modules.map(module => moduleText({ ...module, hooks: HOOKS[module.name] ?? {} }))
  return `# Made by scripts/skaffold.ts; \`make generate\` writes it anew.\n${texts.join('---\n')}`
}

const redis = (name: string, use: string): Release => ({ name, chart: 'store-redis', values: { use } })

function storeOf(service: string, store: string, state: string): Release[] {
  const name = `${service}-store`
  if (store === 'mongodb') return [{ name, chart: 'store-mongodb' }]
  return store === 'redis' ? [redis(name, state)] : []
}

/** True for the service that publishes keys, which is identity. It gets the demo accounts like with `make deploy`. */
function letsPeopleSignIn(root: string, service: string): boolean {
  const openapi = JSON.parse(readOptionalFile(join(root, 'services', service, 'openapi.json')) ?? '{}')
  return openapi.paths?.['/.well-known/jwks.json'] !== undefined
}

/** Describes the release of a service. skaffold sets variables for an image that it built; otherwise the chart's version is used. */
function serviceRelease(name: string, withAccounts: boolean): Release {
  const part = (what: string) => `index . "IMAGE_${what}_bulkhead_${name.replaceAll('-', '_')}"`
  const released = `(printf "%s/bulkhead-${name}" (env "REGISTRY" | default "bulkhead.local"))`
  const file = 'files.BOOTSTRAP_ACCOUNTS_FILE'
  return {
    name,
    chart: name,
    ...(withAccounts && { values: { [`${file}.secret`]: 'demo-accounts', [`${file}.key`]: 'accounts.json' } }),
    templates: {
      'image.repository': `{{ ${part('REPO')} | default ${released} }}`,
      // Adds the digest if there is one, because the tag stays the same until changes are committed. skaffold removes an @ without a
      // digest.
      'image.tag': `{{ ${part('TAG')} }}@{{ ${part('DIGEST')} }}`
    }
  }
}

function moduleText({ name, requires, build, releases, hooks }: Module): string {
  const lines = ['apiVersion: skaffold/v4beta13', 'kind: Config', `metadata: { name: ${name} }`]
  if (requires.length > 0) lines.push('requires:', `  - configs: [${requires.join(', ')}]`)
  if (build) lines.push(...buildLines(build))
  lines.push('deploy:', '  helm:')
  if (hooks.always) lines.push('    hooks:', '      before:', `        - ${JSON.stringify(hostCommand(hooks.always))}`)
  lines.push('    releases:', ...releases.flatMap(release => releaseLines(release)))
  lines.push('profiles:', ...profileLines(releases, hooks))
  return `${lines.join('\n')}\n`
}

const hostCommand = (file: string) => ({ host: { command: [file] } })

/** Returns our own build command, because skaffold's Docker builder would watch all files that any stage of the Dockerfile copies. */
const buildLines = (service: string) => [
  'build:',
  '  local: { concurrency: 2 }',
  '  artifacts:',
  `    - image: bulkhead-${service}`,
  '      custom:',
  `        buildCommand: scripts/images/build.sh ${service}`,
  '        dependencies:',
  '          paths:',
  ...imageSources(service).map(path => `            - ${path}`)
]

const imageSources = (service: string) => [
  `services/${service}/src/**`,
  `services/${service}/package.json`,
  'packages/chassis/src/**',
  'packages/chassis/package.json',
  'packages/cli/src/bundling/bundle.ts',
  'scripts/images/*',
  'Dockerfile',
  'package.json',
  'package-lock.json',
  '.npmrc'
]

/** Skips `helm dependency build`, which would put packages next to the links to charts/common, and tests, which need `helm test`. */
function releaseLines({ name, chart, values = {}, templates = {} }: Release): string[] {
  return [
    `      - name: ${name}`,
    `        chartPath: charts/${chart}`,
    `        namespace: '${NAMESPACE}'`,
    '        skipBuildDependencies: true',
    '        skipTests: true',
    ...mapLines('setValues', values),
    ...mapLines('setValueTemplates', templates)
  ]
}

const mapLines = (field: string, values: Values) =>
  Object.keys(values).length === 0
    ? []
    : [`        ${field}:`, ...Object.entries(values).map(([key, value]) => `          ${key}: '${value}'`)]

/** Returns the profiles. With `local`, stores use stand-ins, and a hook writes their values. */
function profileLines(releases: Release[], hooks: Hooks): string[] {
  const clusters = { kind: 'kind-.*', minikube: 'minikube' }
  const activated = Object.entries(clusters).flatMap(([profile, context]) => [
    `  - name: ${profile}`,
    `    activation: [{ kubeContext: ${context} }]`
  ])
  const stores = releases.flatMap(({ chart }, index) => {
    if (!chart.startsWith('store-')) return []
    return [addition(`/deploy/helm/releases/${index}/valuesFiles`, [`.data/local/${chart}.yaml`])]
  })
  const patches = [...stores, ...hookPatch(hooks)]
  return [...activated, '  - name: local', ...(patches.length > 0 ? ['    patches:', ...patches] : [])]
}

function hookPatch({ always, local }: Hooks): string[] {
  if (!local) return []
  if (always) return [addition('/deploy/helm/hooks/before/-', hostCommand(local))]
  return [addition('/deploy/helm/hooks', { before: [hostCommand(local)] })]
}

const addition = (path: string, value: unknown) => `      - { op: add, path: ${path}, value: ${JSON.stringify(value)} }`
