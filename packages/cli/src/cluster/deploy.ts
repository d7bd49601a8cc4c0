import { Failure } from '../failure.ts'
import { peopleIssuer } from '../people.ts'
import type { Service, Stack } from '../stack.ts'
import { letInEventLogUsers } from './event-log-users.ts'
import { egressTo, externalStores } from './external-stores.ts'
import { type Cluster, isOwnCluster } from './kubectl.ts'
import { keepNamespace, namespaceOf } from './namespace.ts'
import { type GivenValues, type Installing, install, type Release } from './release.ts'
import { historyOf, lastDeployed } from './release-history.ts'
import { DEMO_ACCOUNTS, keepSecrets, storeSecret, usesEventLog } from './secrets.ts'
import { untilKeysAreRead } from './services-keys.ts'
import { keepVolumes } from './volumes.ts'

type Options = Installing & {
  /** What is named to be deployed; undefined for all. */
  named: { services: Service[]; platform: boolean } | undefined
  /** Where images are, without a slash at the end; undefined for what the charts say. */
  registry: string | undefined
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
  await keepNamespace(stack, cluster)
  const urls = options.externalStores ? await externalStores(stack, cluster, services) : undefined
  const { demoAccounts } = options
  const written = await keepSecrets(stack, cluster, {
    ...secretsOn(cluster),
    ofStores: !urls && services.length > 0,
    demoAccounts
  })
  if (written.length > 0) say(`secrets: ${written.join(', ')}`)

  const ground = [await platformRelease(options, services), ...(urls ? [] : storeReleases(services, cluster))]
  const due = named ? await absentOrNamed(ground, options) : ground
  if (isOwnCluster(cluster))
    await keepVolumes(
      cluster,
      due.filter(isKept).map(({ name }) => name)
    )
  await allOf(due, release => install(release, options))
  if (written.includes('event-log')) await letInNewUsers(stack, cluster)
  await untilKeysAreRead(cluster)
  const issuer = await serviceIssuer(cluster)
  const releases = services.map(service => serviceRelease(service, issuer, urls?.get(service.name), options))
  await allOf(releases, release => install(release, options))
}

/**
 * Makes the namespace where there is none, and the secrets that are missing, for what installs the charts without us. A namespace that is
 * there stays as it is. Resolves with the names of the secrets that were written.
 */
export async function keepNamespaceAndSecrets(stack: Stack, cluster: Cluster): Promise<string[]> {
  if (!(await namespaceOf(cluster))) await keepNamespace(stack, cluster)
  const written = await keepSecrets(stack, cluster, { ...secretsOn(cluster), ofStores: true, demoAccounts: true })
  if (written.includes('event-log')) await letInNewUsers(stack, cluster)
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
  { stack, cluster, registry, named, given }: Options,
  services: Service[]
): Promise<Release> {
  const { name, version } = services[0] ?? stack.services[0]!
  const there = services.length === 0 ? await cluster.get<CronJob>('cronjob', 'services-jwks') : undefined
  const text = there?.spec.jobTemplate.spec.template.spec.containers[0]?.image
  const image = text ? imageOf(text) : { repository: `${registry ?? USUAL_REGISTRY}/bulkhead-${name}`, tag: version }
  return { name: 'platform', chart: 'platform', values: { keys: { image } }, ...(named?.platform && { given }) }
}

/** The tag may hold a digest, and the registry a port. */
function imageOf(text: string): Image {
  const [, repository = '', tag = ''] = /^(.*?):([^/]*)$/.exec(text) ?? []
  return { repository, tag }
}

/** The event log, and the stores of these services. */
function storeReleases(services: Service[], cluster: Cluster): Release[] {
  if (services.length === 0) return []
  // On the cluster of our own a store has the volume that was made for it, whatever the values of its stand-in say.
  const volume = isOwnCluster(cluster) ? { persistence: { enabled: true } } : {}
  const stores = services.filter(({ store }) => store !== 'none')
  return [
    { name: 'event-log', chart: 'store-redis', values: { use: 'event-log', ...volume } },
    ...stores.map(({ name, store, state }) => ({
      name: storeSecret(name),
      chart: `store-${store}`,
      values: { ...(store === 'redis' && { use: state === 'cache' ? 'cache' : 'records' }), ...volume }
    }))
  ]
}

/** Whether a store's data is to outlive its pod. */
const isKept = ({ chart, values }: Release) =>
  chart.startsWith('store-') && (values as { use?: string } | undefined)?.use !== 'cache'

/** Those that never were deployed, and the platform where it is named. */
async function absentOrNamed(releases: Release[], { cluster, named }: Options): Promise<Release[]> {
  const isDue = await Promise.all(
    releases.map(
      async ({ name }) => (name === 'platform' && named?.platform) || !lastDeployed(await historyOf(cluster, name))
    )
  )
  return releases.filter((_, place) => isDue[place])
}

function serviceRelease({ name }: Service, issuer: string, urls: string[] | undefined, options: Options): Release {
  const { stack, registry, named, given, demoAccounts } = options
  const hasAccounts = demoAccounts && peopleIssuer(stack)?.name === name
  const values = {
    issuers: { services: issuer },
    ...(registry && { image: { repository: `${registry}/bulkhead-${name}` } }),
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
