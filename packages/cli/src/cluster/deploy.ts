import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import { peopleIssuer } from '../people.ts'
import type { Service, Stack } from '../stack.ts'
import { letInEventLogUsers } from './event-log-users.ts'
import { type Cluster, isOwnCluster } from './kubectl.ts'
import { DEMO_ACCOUNTS, keepSecrets, storeSecret, usesEventLog } from './secrets.ts'
import { keepVolumes, removeVolumes } from './volumes.ts'
import { whyNotReady } from './why-not-ready.ts'

/** A release of helm: a chart under a name, with values beside the chart's own; `more` are such as the user writes them for helm. */
type Release = { name: string; chart: string; set?: Record<string, unknown>; more?: string | undefined }

type Options = {
  stack: Stack
  cluster: Cluster
  /** Those to deploy, with their stores. */
  services: Service[]
  /** Where images are, without a slash at the end; undefined for what the charts say. */
  registry: string | undefined
  /** Whether the stores are somewhere else: their addresses are in the Secrets then. */
  externalStores: boolean
  /** Values of the services, as helm's `--set` has them. */
  values: string | undefined
  /** Seconds in which the pods of a release must be ready. */
  readyWithin: number
  say: (line: string) => void
}

/** As the charts have it. */
const USUAL_REGISTRY = 'bulkhead.local'
/** Seconds in which the cluster's keys must be read. */
const KEYS_SECONDS = 45
/** Milliseconds that helm has beyond those in which pods must be ready. */
const HELM_LIMIT = 90_000
/** Releases that are installed at once: each is a process that renders and waits. */
const AT_ONCE = 6

/**
 * Brings an installation to what the charts of the repository say: namespace, secrets, platform, event log, stores, services; what does
 * not depend on each other at the same time. Done again, it changes what changed. A service that does not become ready goes back to what
 * it was, and the others go on. Fails with each that did not become ready, and why.
 */
export async function deploy(options: Options): Promise<void> {
  const { stack, cluster, services, externalStores, say } = options
  await keepNamespace(stack, cluster)
  // The stand-in for MongoDB of the project's own cluster knows no users.
  const written = await keepSecrets(stack, cluster, !isOwnCluster(cluster))
  if (written.length > 0) say(`secrets: ${written.join(', ')}`)

  const withStore = services.filter(({ store }) => store !== 'none')
  const isOwn = isOwnCluster(cluster)
  const stores = withStore.map(service => storeRelease(service, isOwn))
  const eventLog = { name: 'event-log', chart: 'store-redis', set: { use: 'event-log', ...volume(isOwn) } }
  if (isOwn && !externalStores)
    await keepVolumes(cluster, ['event-log', ...withStore.filter(keepsRecords).map(({ name }) => storeSecret(name))])
  const ground: Release[] = [platformRelease(options), ...(externalStores ? [] : [eventLog, ...stores])]
  const install = (release: Release) => installed(release, options)
  await allOf(ground, install)
  if (!externalStores && written.includes('event-log')) await letInEventLogUsers(cluster, subscribersOf(stack))
  await cluster.kubectl(['wait', '--for=create', `--timeout=${KEYS_SECONDS}s`, 'configmap/services-jwks'])
  const issuer = await serviceIssuer(cluster)
  await allOf(
    services.map(service => serviceRelease(service, issuer, options)),
    install
  )
}

/**
 * Makes the namespace where there is none, and the secrets that are missing, for what installs the charts without us. A namespace that is
 * there stays as it is. Resolves with the names of the secrets that were written.
 */
export async function keepNamespaceAndSecrets(stack: Stack, cluster: Cluster): Promise<string[]> {
  if (!(await cluster.get('namespace', cluster.namespace))) await keepNamespace(stack, cluster)
  const written = await keepSecrets(stack, cluster, !isOwnCluster(cluster))
  if (written.includes('event-log') && (await cluster.get('pod', 'event-log-0')))
    await letInEventLogUsers(cluster, subscribersOf(stack))
  return written
}

/** Takes an installation away, with its namespace and so its data. Resolves with whether there was one. */
export async function undeploy(cluster: Cluster): Promise<boolean> {
  const { namespace } = cluster
  const isThere = (await cluster.get('namespace', namespace)) !== undefined
  if (isThere) {
    const releases = (await cluster.helm(['list', '--short'])).split('\n').filter(Boolean)
    const uninstall = (names: string[]) =>
      Promise.all(names.map(name => cluster.helm(['uninstall', name, '--ignore-not-found'], HELM_LIMIT)))
    // A service that drains has something to tell its stores yet: they go when it is gone.
    const isGround = (name: string) => /^(platform|event-log|.+-store)$/.test(name)
    await uninstall(releases.filter(name => !isGround(name)))
    const pods = ['pods', '--selector', 'app.kubernetes.io/component=service']
    await cluster.kubectl(['wait', '--for=delete', ...pods, '--timeout=55s'])
    await uninstall(releases.filter(isGround))
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false'])
    await cluster.kubectl(['wait', '--for=delete', `namespace/${namespace}`, '--timeout=55s'])
  }
  await removeVolumes(cluster)
  return isThere
}

const subscribersOf = (stack: Stack) =>
  stack.services.filter(({ name }) => usesEventLog(stack, name)).map(({ name }) => name)

async function keepNamespace({ root }: Stack, cluster: Cluster) {
  const file = readFileSync(join(root, 'k8s/namespace.yaml'), 'utf8')
  await cluster.kubectl(
    ['apply', '--server-side', '--field-manager=bulkhead', '--filename=-'],
    file.replace(/^ {2}name: .*$/m, `  name: ${cluster.namespace}`)
  )
}

/** The platform's Job needs any image with Node: one of ours is there anyway. */
const platformRelease = ({ stack, registry = USUAL_REGISTRY }: Options): Release => {
  const [{ name, version }] = stack.services as [Service]
  const image = { repository: `${registry}/bulkhead-${name}`, tag: version }
  return { name: 'platform', chart: 'platform', set: { keys: { image } } }
}

const keepsRecords = ({ state }: Service) => state !== 'cache'

/** On the cluster of our own a store has the volume that was made for it, whatever the values of its stand-in say. */
const volume = (isOwn: boolean) => (isOwn ? { persistence: { enabled: true } } : {})

const storeRelease = (service: Service, isOwn: boolean): Release => ({
  name: storeSecret(service.name),
  chart: `store-${service.store}`,
  set: { ...(service.store === 'redis' && { use: keepsRecords(service) ? 'records' : 'cache' }), ...volume(isOwn) }
})

const serviceRelease = ({ name }: Service, issuer: string, { stack, registry, values }: Options): Release => ({
  name,
  chart: name,
  more: values,
  set: {
    issuers: { services: issuer },
    ...(registry && { image: { repository: `${registry}/bulkhead-${name}` } }),
    ...(peopleIssuer(stack)?.name === name && {
      files: { BOOTSTRAP_ACCOUNTS_FILE: { secret: DEMO_ACCOUNTS, key: 'accounts.json' } }
    })
  }
})

/** Who signs the tokens of service accounts (kubernetes.io/docs, Service account issuer discovery). */
async function serviceIssuer(cluster: Cluster): Promise<string> {
  const { issuer } = JSON.parse(await cluster.kubectl(['get', '--raw', '/.well-known/openid-configuration']))
  return issuer
}

/** Does `work` for all, some at once, though it fails for one. Fails then with all that was wrong. */
async function allOf<T>(all: T[], work: (one: T) => Promise<void>) {
  const waiting = [...all]
  const problems: string[] = []
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      await work(next).catch(error => problems.push((error as Error).message))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (problems.length > 0) throw new Failure(problems.join('\n          '))
}

async function installed({ name, chart, set = {}, more }: Release, { stack, cluster, readyWithin, say }: Options) {
  const start = performance.now()
  const chartFolder = join(stack.root, 'charts', chart)
  if (!existsSync(chartFolder)) throw new Failure(`there is no charts/${chart}`)
  const standIn = join(stack.root, '.data/local', `${chart}.yaml`)
  const files = isOwnCluster(cluster) && existsSync(standIn) ? ['--values', standIn] : []
  const values = [...files, ...setOf(set), ...(more ? ['--set', more] : [])]
  const waiting = ['--wait', `--timeout=${readyWithin}s`]
  const limit = readyWithin * 1_000 + HELM_LIMIT
  const before = await latestOf(cluster, name)
  try {
    await cluster.helm(['upgrade', name, chartFolder, '--install', ...values, ...waiting, '--history-max=5'], limit)
  } catch (error) {
    const { message } = error as Error
    const latest = await latestOf(cluster, name)
    if (latest?.revision === before?.revision) throw new Failure(`${name} is as it was: ${message}`)
    // Asked before it goes back, for the pods that tell why go then.
    const reason = (await whyNotReady(cluster, name)) ?? message
    const goesBack = before?.status === 'deployed'
    if (goesBack) await cluster.helm(['rollback', name, String(before.revision), ...waiting], limit)
    throw new Failure(`${name}: ${reason}${goesBack ? '. The version before goes on' : ''}`, undefined, {
      cause: error
    })
  }
  say(`${name.padEnd(16)} ready after ${Math.round((performance.now() - start) / 1_000)} s`)
}

/** The latest revision of a release; undefined where there is none. */
async function latestOf(cluster: Cluster, name: string): Promise<{ revision: string; status: string } | undefined> {
  return JSON.parse(await cluster.helm(['list', '--filter', `^${name}$`, '--output', 'json']))[0]
}

/** Values as helm's arguments, each by its path: an object would take the place of all that the chart has there. */
const setOf = (set: object, path: string[] = []): string[] =>
  Object.entries(set).flatMap(([key, value]) =>
    typeof value === 'object'
      ? setOf(value, [...path, key])
      : ['--set-json', `${[...path, key].join('.')}=${JSON.stringify(value)}`]
  )
