import { existsSync } from 'node:fs'
import { deploy, type Named } from '../cluster/deploy.ts'
import { gatewayAddress } from '../cluster/gateway-address.ts'
import { type Cluster, connectCluster, isForTrying } from '../cluster/kubectl.ts'
import type { GivenValues } from '../cluster/release.ts'
import { EVENT_LOG, storeSecret } from '../cluster/secrets.ts'
import { openClusterShop, reach, untilKnown } from '../cluster/shop.ts'
import type { Call, Command } from '../command.ts'
import { Failure } from '../failure.ts'
import { imageVersion } from '../image-version.ts'
import { nearestName } from '../nearest-name.ts'
import { progressBar } from '../progress-bar.ts'
import { importSample } from '../sample.ts'
import type { Service, Stack } from '../stack.ts'

export const NAMESPACE = 'bulkhead'
const READY_WITHIN = 150
export const CLUSTER = `--namespace NAME    of the installation: ${NAMESPACE} when not given

The cluster is that of KUBECONFIG, else the one that \`make cluster\` gave.`

/** `bulkhead deploy [SERVICE...]` */
export const deployCommand: Command = {
  usage:
    'deploy [SERVICE...] [--namespace NAME] [--registry REGISTRY] [--pull-secret NAME] [--external-stores] [--sample] [--demo-accounts] [--set VALUES] [--values FILE] [--ready-within SECONDS]',
  summary: 'install or upgrade all services, or those that are named, in a cluster',
  details: `--registry URL      where the images are, such as registry.example.com/shop
--pull-secret NAME  the Secret with which images are pulled, of the platform and of stores too
--sample            import the sample catalogue where there is no product yet
--demo-accounts     make a customer and a member of staff to try it with, as on a cluster of ours and of kind it does by itself
--external-stores   install no stores: \`url\` in the Secrets <service>-store and <service>-event-log tells where they are
--set VALUES        values of what is named, as helm has them: replicas=3,logLevel=debug
--values FILE       values of the one that is named, as helm has them; may be given again. They rule over what \`deploy\` sets itself
--ready-within S    seconds in which the pods of each must be ready: ${READY_WITHIN} when not given
${CLUSTER}

It makes the secrets that are missing, once, and the platform, event log and stores that services stand on. Where services are named, these
are installed only where they are absent; \`bulkhead deploy\` upgrades all, \`bulkhead deploy platform\` the platform, \`bulkhead deploy
event-log catalog-store\` stores. What does not become
ready goes back to the revision that was deployed last.

The first member of staff, where there are no demo accounts: accounts.json has [{ "id": "stf_…", "email": "…", "password": "…" }], then
  kubectl --namespace NAME create secret generic first-staff --from-file=accounts.json
  bulkhead deploy identity --namespace NAME --set ${['secret=first-staff', 'key=accounts.json'].map(value => `files.BOOTSTRAP_ACCOUNTS_FILE.${value}`).join()}
It stays when identity is deployed without.

GATEWAY_ADDRESS=https://localhost:8443 tells where the gateway is reached, where that is not as the cluster says.`,
  examples: [
    ['bulkhead deploy', 'everything'],
    ['bulkhead deploy catalog cart', 'two services, each alone'],
    ['bulkhead deploy catalog --set replicas=3', 'one with a value of its own, until it is deployed without'],
    ['bulkhead deploy platform --values class.yaml', 'the platform, with another class of Gateway'],
    ['bulkhead deploy --namespace second', 'another installation beside it']
  ],
  options: {
    namespace: { type: 'string', default: NAMESPACE },
    registry: { type: 'string' },
    'pull-secret': { type: 'string' },
    'external-stores': { type: 'boolean' },
    sample: { type: 'boolean' },
    'demo-accounts': { type: 'boolean' },
    set: { type: 'string' },
    values: { type: 'string', multiple: true },
    'ready-within': { type: 'string', default: String(READY_WITHIN) }
  },
  async run({ stack, words, options, environment }) {
    const named = words.length > 0 ? namedIn(stack, words) : undefined
    const given = givenValues(words, options)
    const readyWithin = Number(options['ready-within'])
    if (!Number.isInteger(readyWithin) || readyWithin < 1)
      throw new Failure(`--ready-within ${options['ready-within']} is no number of seconds`)
    const cluster = await connectCluster(stack.root, environment, String(options.namespace))
    const registry = options.registry === undefined ? undefined : String(options.registry).replace(/\/$/, '')
    const pullSecret = options['pull-secret'] === undefined ? undefined : String(options['pull-secret'])
    const externalStores = options['external-stores'] === true
    const demoAccounts = options['demo-accounts'] === true || (await isForTrying(cluster))
    const imageTag = (service: string) => imageVersion(stack.root, service)
    const how = { imageTag, registry, pullSecret, externalStores, demoAccounts, readyWithin, say: console.log }
    await deploy({ stack, cluster, named, given, ...how })
    if (!demoAccounts && !named)
      console.log('No demo accounts are made here. How the first member of staff is: bulkhead deploy --help')
    if (!(await gatewayAddress(cluster))) {
      console.log('No Gateway has an address yet: see `kubectl get gateway bulkhead`, or your Ingress')
      return 0
    }
    const { address } = await reach(cluster)
    const services = named ? named.services : stack.services
    await untilKnown(
      address,
      services.map(({ name }) => name).filter(name => name !== 'gateway')
    )
    if (options.sample && demoAccounts) await importInto(stack, cluster)
    else if (options.sample) console.log('No sample catalogue: there are no demo accounts to import it with')
    console.log(`\nThe API is at ${address}/api/v1, its reference at ${address}/reference`)
    return 0
  }
}

/** What is named to be deployed: services, stores, and the platform. */
function namedIn(stack: Stack, words: string[]): Named {
  const all = [
    EVENT_LOG,
    ...stack.services.filter(({ store }) => store !== 'none').map(({ name }) => storeSecret(name))
  ]
  const [stores, others] = [words.filter(word => all.includes(word)), words.filter(word => !all.includes(word))]
  const services = others.filter(word => word !== 'platform').map(word => serviceOf(stack, word))
  return { services, platform: words.includes('platform'), stores }
}

/** The values of a call. Fails where it is not clear whose they are, or a file is not there. */
export function givenValues(words: string[], options: Call['options']): GivenValues {
  const set = options.set === undefined ? undefined : String(options.set)
  const files = Array.isArray(options.values) ? options.values : []
  if (set !== undefined && words.length === 0)
    throw new Failure('--set is for services that are named', 'Say for which: bulkhead deploy catalog --set replicas=3')
  if (files.length > 0 && words.length !== 1)
    throw new Failure(
      '--values is for one service or store, or the platform',
      'Say for which: bulkhead deploy catalog --values FILE'
    )
  const missing = files.find(file => !existsSync(file))
  if (missing !== undefined) throw new Failure(`there is no file ${missing}`)
  return { files, set }
}

async function importInto(stack: Stack, cluster: Cluster) {
  const bar = progressBar(process.stderr)
  const done = await importSample(stack.root, await openClusterShop(cluster), bar.show).finally(bar.clear)
  if (done) console.log(done)
}

function serviceOf({ services }: Stack, name: string): Service {
  const found = services.find(service => service.name === name)
  if (found) return found
  const names = [...services.map(service => service.name), 'platform', EVENT_LOG]
  const nearest = nearestName([name], names)
  throw new Failure(
    `there is no service "${name}"`,
    nearest ? `Did you mean ${nearest}?` : `There are ${names.join(', ')}`
  )
}
