import { Failure } from '../failure.ts'
import { usesEventLog } from '../services/needs.ts'
import type { Service, Stack } from '../services/stack.ts'
import { peopleIssuer } from '../tokens/people.ts'
import { updateEventLogUsers } from './event-log-users.ts'
import { egressTo, externalStores, refuseExternalStores } from './external-stores.ts'
import { type Cluster, isOwnCluster } from './kubectl.ts'
import { ensureNamespace, namespaceOf } from './namespace.ts'
import { type InstallOptions, install, isStore, type Release, type UserValues } from './release.ts'
import { historyOf, lastDeployed } from './release-history.ts'
import { DEMO_ACCOUNTS, EVENT_LOG, ensureSecrets, storeSecret } from './secrets.ts'
import { untilServiceKeysExist } from './services-keys.ts'
import { ensureVolumes } from './volumes.ts'

/** The parts of an installation that one call deploys. `stores` has the names of their releases. */
export type Targets = { services: Service[]; platform: boolean; stores: string[] }

export type DeployOptions = InstallOptions & {
  /** Undefined for everything. */
  targets: Targets | undefined
  /** The tag of the image of a service or a tool, as `imageVersion` gives it. */
  imageTag: (name: string) => Promise<string>
  /** The registry of the images, without a slash at the end. Undefined for the charts' own. */
  registry: string | undefined
  /** The Secret for pulling images, if the registry needs one. */
  pullSecret: string | undefined
  /** True if the stores are outside the cluster and their addresses are in the Secrets. */
  externalStores: boolean
  /** True to create demo accounts, with their passwords in a Secret. */
  demoAccounts: boolean
  /** The number of shoppers per second to play in the cluster; undefined to leave an installed load as it is. */
  loadRate?: number | undefined
  /** The values for the targets. */
  userValues: UserValues
}

type Image = { repository: string; tag: string }
type CronJob = {
  spec: { jobTemplate: { spec: { template: { spec: { containers: { image: string }[] } } } } }
}

/** The registry in the charts' own values. */
export const USUAL_REGISTRY = 'bulkhead.local'
/** Maximum number of releases that are installed at the same time. Each one is a helm process that renders and waits. */
const CONCURRENCY = 6

/**
 * Installs or upgrades an installation from the charts of the repository: namespace, secrets, platform, event log, stores, then services.
 * With targets, the platform and stores are installed only if they are missing, because other services share them. A release that does not
 * become ready is rolled back, and the others continue. Fails with each release that did not become ready, and why.
 */
export async function deploy(options: DeployOptions): Promise<void> {
  const { stack, cluster, targets, say } = options
  const services = targets ? targets.services : stack.services
  const hasStores = services.length > 0 || (targets?.stores.length ?? 0) > 0
  await ensureNamespace(stack, cluster)
  if (!options.externalStores && hasStores) await refuseExternalStores(stack, cluster)
  const urls = options.externalStores ? await externalStores(stack, cluster, services) : undefined
  const { demoAccounts } = options
  const written = await ensureSecrets(stack, cluster, {
    ...secretOptions(cluster),
    ofStores: !urls && hasStores,
    demoAccounts,
    services
  })
  if (written.length > 0) say(`secrets: ${written.join(', ')}`)

  const shared = [await platformRelease(options, services), ...(urls ? [] : storeReleases(services, options))]
  const due = targets ? await missingOrTargeted(shared, options) : shared
  if (isOwnCluster(cluster)) {
    const stores = due.filter(isDurable).map(({ name }) => name)
    await ensureVolumes(cluster, stores)
  }
  await forEachConcurrently(due, release => install(release, options))
  if (written.includes(EVENT_LOG)) await updateRunningEventLog(stack, cluster)
  await untilServiceKeysExist(cluster)
  const issuer = await serviceIssuer(cluster)
  const releases = await Promise.all(
    services.map(service => serviceRelease(service, issuer, urls?.get(service.name), options))
  )
  await forEachConcurrently(releases, release => install(release, options))
  if (options.loadRate !== undefined) await install(await loadRelease(options.loadRate, options), options)
}

/**
 * Creates the namespace and the secrets that are missing, for other tools that install the charts. An existing namespace stays as it is.
 * Fails if Secrets name stores outside the cluster without `externalStores`. Resolves with the names of the written secrets.
 */
export async function ensureNamespaceAndSecrets(
  stack: Stack,
  cluster: Cluster,
  { externalStores }: { externalStores: boolean }
): Promise<string[]> {
  if (!(await namespaceOf(cluster))) await ensureNamespace(stack, cluster)
  if (!externalStores) await refuseExternalStores(stack, cluster)
  const written = await ensureSecrets(stack, cluster, {
    ...secretOptions(cluster),
    ofStores: !externalStores,
    demoAccounts: true,
    services: stack.services
  })
  if (written.includes(EVENT_LOG)) await updateRunningEventLog(stack, cluster)
  return written
}

/** The stand-in for MongoDB on the project's own cluster has no users. */
const secretOptions = (cluster: Cluster) => ({ withPasswords: !isOwnCluster(cluster) })

/** Adds new users to a running event log. An event log that is not running reads them from its Secret when it starts. */
async function updateRunningEventLog(stack: Stack, cluster: Cluster) {
  const users = stack.services.filter(({ name }) => usesEventLog(stack, name)).map(({ name }) => name)
  if (await cluster.get('pod', 'event-log-0')) await updateEventLogUsers(cluster, users)
}

/** Returns the release of the platform. Its Job needs an image with Node: a service's image of this deployment, else its current one. */
async function platformRelease(
  { stack, cluster, imageTag, registry, pullSecret, targets, userValues }: DeployOptions,
  services: Service[]
): Promise<Release> {
  const { name } = services[0] ?? stack.services[0]!
  const job = services.length === 0 ? await cluster.get<CronJob>('cronjob', 'services-jwks') : undefined
  const currentImage = job?.spec.jobTemplate.spec.template.spec.containers[0]?.image
  const serviceImage = {
    repository: `${registry ?? USUAL_REGISTRY}/bulkhead-${name}`,
    tag: await imageTag(name)
  }
  const image = currentImage ? parseImage(currentImage) : serviceImage
  const values = { keys: { image: { ...image, ...pullSecretValues(pullSecret) } } }
  return { name: 'platform', chart: 'platform', values, ...(targets?.platform && { userValues }) }
}

const pullSecretValues = (name: string | undefined) => name && { pullSecrets: [{ name }] }

/** The tag may hold a digest, and the registry a port. */
function parseImage(text: string): Image {
  const [, repository = '', tag = ''] = /^(.*?):([^/]*)$/.exec(text) ?? []
  return { repository, tag }
}

/** The event log, the stores of these services, and the targeted stores. */
function storeReleases(
  services: Service[],
  { stack, cluster, pullSecret, targets, userValues }: DeployOptions
): Release[] {
  const isTargeted = (name: string) => targets?.stores.includes(name) ?? false
  // On the project's own cluster `ensureVolumes` makes a volume for each store. The values of the stand-ins turn volumes off.
  const volume = isOwnCluster(cluster) ? { persistence: { enabled: true } } : {}
  const common = { ...volume, ...(pullSecret && { image: pullSecretValues(pullSecret) }) }
  const release = (name: string, chart: string, use?: string): Release => ({
    name,
    chart,
    values: { ...(use && { use }), ...common },
    ...(isTargeted(name) && { userValues })
  })
  const stores = stack.services
    .filter(service => service.store !== 'none')
    .filter(service => services.includes(service) || isTargeted(storeSecret(service.name)))
    .map(({ name, store, state }) => {
      const use = state === 'cache' ? 'cache' : 'records'
      return release(storeSecret(name), `store-${store}`, store === 'redis' ? use : undefined)
    })
  const hasLog = services.length > 0 || isTargeted(EVENT_LOG)
  return hasLog ? [release(EVENT_LOG, 'store-redis', EVENT_LOG), ...stores] : stores
}

/** True for a store whose data must outlive its pod. */
const isDurable = (release: Release) =>
  isStore(release) && (release.values as { use?: string } | undefined)?.use !== 'cache'

/** The releases that were never deployed, and those that are targets. */
async function missingOrTargeted(releases: Release[], { cluster, targets }: DeployOptions): Promise<Release[]> {
  const isDue = await Promise.all(
    releases.map(
      async ({ name }) =>
        (name === 'platform' && targets?.platform) ||
        targets?.stores.includes(name) ||
        !lastDeployed(await historyOf(cluster, name))
    )
  )
  return releases.filter((_, index) => isDue[index])
}

async function serviceRelease(
  { name }: Service,
  issuer: string,
  urls: string[] | undefined,
  options: DeployOptions
): Promise<Release> {
  const { stack, targets, userValues, demoAccounts } = options
  const image = await imageOf(name, options)
  const hasAccounts = demoAccounts && peopleIssuer(stack)?.name === name
  const values = {
    issuers: { services: issuer },
    image,
    ...(hasAccounts && { files: { BOOTSTRAP_ACCOUNTS_FILE: { secret: DEMO_ACCOUNTS, key: 'accounts.json' } } }),
    ...(urls && { networkPolicy: { egress: egressTo(urls) } })
  }
  return { name, chart: name, values, ...(targets && { userValues }) }
}

/** Returns the release that plays shoppers: as guests, and as the demo customer if there are demo accounts. */
async function loadRelease(rate: number, options: DeployOptions): Promise<Release> {
  const image = await imageOf('load', options)
  const accounts = options.demoAccounts ? { existingSecret: DEMO_ACCOUNTS } : {}
  return { name: 'load', chart: 'load', values: { rate, image, accounts } }
}

/** Returns the values for the image of a service or a tool. */
const imageOf = async (name: string, { imageTag, registry, pullSecret }: DeployOptions) => ({
  tag: await imageTag(name),
  ...(registry && { repository: `${registry}/bulkhead-${name}` }),
  ...pullSecretValues(pullSecret)
})

/** The issuer of the cluster's service account tokens (kubernetes.io/docs, Service account issuer discovery). */
async function serviceIssuer(cluster: Cluster): Promise<string> {
  const { issuer } = JSON.parse(await cluster.kubectl(['get', '--raw', '/.well-known/openid-configuration']))
  return issuer
}

/** Does `work` for each item, a few at a time. Handles all items even if some fail, and then fails with all problems. */
async function forEachConcurrently<T>(items: T[], work: (item: T) => Promise<void>) {
  const waiting = [...items]
  const problems: string[] = []
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      await work(next).catch(error => problems.push((error as Error).message))
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  if (problems.length > 0) throw new Failure(problems.join('\n          '))
}
