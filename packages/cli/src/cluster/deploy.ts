import { Failure } from '../failure.ts'
import { peopleIssuer } from '../people.ts'
import type { Service, Stack } from '../stack.ts'
import { letInEventLogUsers } from './event-log-users.ts'
import { egressTo, externalStores, refuseExternalStores } from './external-stores.ts'
import { type Cluster, isOwnCluster } from './kubectl.ts'
import { keepNamespace, namespaceOf } from './namespace.ts'
import { type GivenValues, type Installing, install, type Release } from './release.ts'
import { historyOf, lastDeployed } from './release-history.ts'
import { DEMO_ACCOUNTS, EVENT_LOG, keepSecrets, storeSecret, usesEventLog } from './secrets.ts'
import { untilKeysAreRead } from './services-keys.ts'
import { keepVolumes } from './volumes.ts'

/** What is named to be deployed; stores by the names of their releases. */
export type Named = { services: Service[]; platform: boolean; stores: string[] }

type Options = Installing & {
  /** Undefined for all. */
  named: Named | undefined
  /** The tag of a service's image, as `imageVersion` gives it. */
  imageTag: (service: string) => Promise<string>
  /** Where images are, without a slash at the end; undefined for what the charts say. */
  registry: string | undefined
  /** The Secret with which images are pulled; undefined where that takes none. */
  pullSecret: string | undefined
  /** Whether the stores are somewhere else: their addresses are in the Secrets then. */
  externalStores: boolean
  /** Whether there are demo people, whose passwords are in a Secret. */
  demoAccounts: boolean
  /** For what is named. */
  given: GivenValues
}

type Image = { repository: string; tag: string }
type CronJob = {
  spec: { jobTemplate: { spec: { template: { spec: { containers: { image: string }[] } } } } }
}

/** Where images are by the charts' own values. */
export const USUAL_REGISTRY = 'bulkhead.local'
/** Releases that are installed at once: each is a process that renders and waits. */
const AT_ONCE = 6

/**
 * Brings an installation to what the charts of the repository say: namespace, secrets, platform, event log, stores, services; what does
 * not depend on each other at the same time. Done again, it changes what changed. Where services are named, what they stand on is installed
 * only where it is absent: it is everybody's. A service that does not become ready goes back to what it was, and the others go on. Fails
 * with each that did not become ready, and why.
 */
export async function deploy(options: Options): Promise<void> {
  const { stack, cluster, named, say } = options
  const services = named ? named.services : stack.services
  const hasStores = services.length > 0 || (named?.stores.length ?? 0) > 0
  await keepNamespace(stack, cluster)
  if (!options.externalStores && hasStores) await refuseExternalStores(stack, cluster)
  const urls = options.externalStores ? await externalStores(stack, cluster, services) : undefined
  const { demoAccounts } = options
  const written = await keepSecrets(stack, cluster, {
    ...secretsOn(cluster),
    ofStores: !urls && hasStores,
    demoAccounts,
    services
  })
  if (written.length > 0) say(`secrets: ${written.join(', ')}`)

  const ground = [await platformRelease(options, services), ...(urls ? [] : storeReleases(services, options))]
  const due = named ? await absentOrNamed(ground, options) : ground
  if (isOwnCluster(cluster))
    await keepVolumes(
      cluster,
      due.filter(isKept).map(({ name }) => name)
    )
  await allOf(due, release => install(release, options))
  if (written.includes(EVENT_LOG)) await letInNewUsers(stack, cluster)
  await untilKeysAreRead(cluster)
  const issuer = await serviceIssuer(cluster)
  const releases = await Promise.all(
    services.map(service => serviceRelease(service, issuer, urls?.get(service.name), options))
  )
  await allOf(releases, release => install(release, options))
}

/**
 * Makes the namespace where there is none, and the secrets that are missing, for what installs the charts without us. A namespace that is
 * there stays as it is. Fails where stores are somewhere else and that was not said. Resolves with the names of the secrets that were
 * written.
 */
export async function keepNamespaceAndSecrets(
  stack: Stack,
  cluster: Cluster,
  { externalStores }: { externalStores: boolean }
): Promise<string[]> {
  if (!(await namespaceOf(cluster))) await keepNamespace(stack, cluster)
  if (!externalStores) await refuseExternalStores(stack, cluster)
  const which = { ofStores: !externalStores, demoAccounts: true, services: stack.services }
  const written = await keepSecrets(stack, cluster, { ...secretsOn(cluster), ...which })
  if (written.includes(EVENT_LOG)) await letInNewUsers(stack, cluster)
  return written
}

/** The stand-in for MongoDB of the project's own cluster knows no users. */
const secretsOn = (cluster: Cluster) => ({ withPasswords: !isOwnCluster(cluster) })

/** An event log that does not run yet reads them as it starts. */
async function letInNewUsers(stack: Stack, cluster: Cluster) {
  const users = stack.services.filter(({ name }) => usesEventLog(stack, name)).map(({ name }) => name)
  if (await cluster.get('pod', 'event-log-0')) await letInEventLogUsers(cluster, users)
}

/** The platform's Job needs any image with Node: one of ours that comes with this deployment, else the one that it has. */
async function platformRelease(
  { stack, cluster, imageTag, registry, pullSecret, named, given }: Options,
  services: Service[]
): Promise<Release> {
  const { name } = services[0] ?? stack.services[0]!
  const there = services.length === 0 ? await cluster.get<CronJob>('cronjob', 'services-jwks') : undefined
  const text = there?.spec.jobTemplate.spec.template.spec.containers[0]?.image
  const usual = {
    repository: `${registry ?? USUAL_REGISTRY}/bulkhead-${name}`,
    tag: await imageTag(name)
  }
  const image = text ? imageOf(text) : usual
  const values = { keys: { image: { ...image, ...pulledWith(pullSecret) } } }
  return { name: 'platform', chart: 'platform', values, ...(named?.platform && { given }) }
}

const pulledWith = (name: string | undefined) => name && { pullSecrets: [{ name }] }

/** The tag may hold a digest, and the registry a port. */
function imageOf(text: string): Image {
  const [, repository = '', tag = ''] = /^(.*?):([^/]*)$/.exec(text) ?? []
  return { repository, tag }
}

/** The event log, the stores of these services, and those that are named. */
function storeReleases(services: Service[], { stack, cluster, pullSecret, named, given }: Options): Release[] {
  const isNamed = (name: string) => named?.stores.includes(name) ?? false
  // On the cluster of our own a store has the volume that was made for it, whatever the values of its stand-in say.
  const volume = isOwnCluster(cluster) ? { persistence: { enabled: true } } : {}
  const usual = { ...volume, ...(pullSecret && { image: pulledWith(pullSecret) }) }
  const release = (name: string, chart: string, use?: string): Release => ({
    name,
    chart,
    values: { ...(use && { use }), ...usual },
    ...(isNamed(name) && { given })
  })
  const stores = stack.services
    .filter(service => service.store !== 'none')
    .filter(service => services.includes(service) || isNamed(storeSecret(service.name)))
    .map(({ name, store, state }) => {
      const use = state === 'cache' ? 'cache' : 'records'
      return release(storeSecret(name), `store-${store}`, store === 'redis' ? use : undefined)
    })
  const hasLog = services.length > 0 || isNamed(EVENT_LOG)
  return hasLog ? [release(EVENT_LOG, 'store-redis', EVENT_LOG), ...stores] : stores
}

/** Whether a store's data is to outlive its pod. */
const isKept = ({ chart, values }: Release) =>
  chart.startsWith('store-') && (values as { use?: string } | undefined)?.use !== 'cache'

/** Those that never were deployed, and those that are named. */
async function absentOrNamed(releases: Release[], { cluster, named }: Options): Promise<Release[]> {
  const isDue = await Promise.all(
    releases.map(
      async ({ name }) =>
        (name === 'platform' && named?.platform) ||
        named?.stores.includes(name) ||
        !lastDeployed(await historyOf(cluster, name))
    )
  )
  return releases.filter((_, place) => isDue[place])
}

async function serviceRelease(
  { name }: Service,
  issuer: string,
  urls: string[] | undefined,
  options: Options
): Promise<Release> {
  const { stack, imageTag, registry, pullSecret, named, given, demoAccounts } = options
  const image = {
    tag: await imageTag(name),
    ...(registry && { repository: `${registry}/bulkhead-${name}` }),
    ...pulledWith(pullSecret)
  }
  const hasAccounts = demoAccounts && peopleIssuer(stack)?.name === name
  const values = {
    issuers: { services: issuer },
    image,
    ...(hasAccounts && { files: { BOOTSTRAP_ACCOUNTS_FILE: { secret: DEMO_ACCOUNTS, key: 'accounts.json' } } }),
    ...(urls && { networkPolicy: { egress: egressTo(urls) } })
  }
  return { name, chart: name, values, ...(named && { given }) }
}

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
