import { existsSync } from 'node:fs'
import { imageVersion } from '../bundling/image-version.ts'
import { importSample } from '../catalogue/sample.ts'
import { deploy, type Targets } from '../cluster/deploy.ts'
import { gatewayAddress } from '../cluster/gateway-address.ts'
import { type Cluster, connectCluster, isForTrying } from '../cluster/kubectl.ts'
import type { UserValues } from '../cluster/release.ts'
import { EVENT_LOG, storeSecret } from '../cluster/secrets.ts'
import { openClusterShop, reach, untilKnown } from '../cluster/shop.ts'
import type { Call, Command } from '../command-line/command.ts'
import { nearestName } from '../command-line/nearest-name.ts'
import { parseRate } from '../command-line/number.ts'
import { Failure } from '../failure.ts'
import { progressBar } from '../output/progress-bar.ts'
import type { Service, Stack } from '../services/stack.ts'

export const NAMESPACE = 'bulkhead'
const READY_WITHIN = 150
/** The help text for the options that all commands for clusters have. */
export const CLUSTER_HELP = `--namespace NAME    the namespace of the installation (default: ${NAMESPACE})

Uses the cluster of KUBECONFIG, else the one that \`make cluster\` made.`

/** `bulkhead deploy [SERVICE...]` */
export const deployCommand: Command = {
  usage:
    'deploy [SERVICE...] [--namespace NAME] [--registry REGISTRY] [--pull-secret NAME] [--external-stores] [--sample] [--demo-accounts] [--load [RATE]] [--set VALUES] [--values FILE] [--ready-within SECONDS]',
  summary: 'install or upgrade all services, or the named ones, in a cluster',
  details: `--registry URL      the registry of the images, such as registry.example.com/shop
--pull-secret NAME  the Secret for pulling all images
--sample            import the sample catalogue if there is no product yet
--demo-accounts     create a demo customer and a demo member of staff (always done on the project's own cluster and on kind)
--load [RATE]       install the chart \`load\`, which plays this number of shoppers a second (default: 1). An installed load stays:
                    \`helm uninstall load --namespace NAME\` ends it
--external-stores   install no stores; \`url\` in the Secrets <service>-store and <service>-event-log has their addresses
--set VALUES        helm's values for the named services: replicas=3,logLevel=debug
--values FILE       a file with helm's values for the one named service, store or platform; can be repeated. It overrides the
                    values that \`deploy\` sets
--ready-within S    how long the pods of each release may take to become ready, in seconds (default: ${READY_WITHIN})
${CLUSTER_HELP}

Creates missing secrets, the platform, the event log and the stores. If services are named, these are installed only if they are missing:
\`bulkhead deploy\` upgrades everything, \`bulkhead deploy platform\` the platform, \`bulkhead deploy event-log catalog-store\` stores.
A release that does not become ready is rolled back to the revision that was deployed last.

To create the first member of staff without demo accounts, write [{ "id": "stf_…", "email": "…", "password": "…" }] to accounts.json and run
  kubectl --namespace NAME create secret generic first-staff --from-file=accounts.json
  bulkhead deploy identity --namespace NAME --set ${['secret=first-staff', 'key=accounts.json'].map(value => `files.BOOTSTRAP_ACCOUNTS_FILE.${value}`).join()}
The account stays when identity is deployed without this value.

GATEWAY_ADDRESS=https://localhost:8443 overrides the address of the gateway that the cluster reports.`,
  examples: [
    ['bulkhead deploy', 'everything'],
    ['bulkhead deploy catalog cart', 'two services and nothing else'],
    ['bulkhead deploy catalog --set replicas=3', 'a service with a value, until it is deployed without'],
    ['bulkhead deploy platform --values class.yaml', 'the platform, with a different class of Gateway'],
    ['bulkhead deploy --namespace second', 'a second installation in the same cluster']
  ],
  options: {
    namespace: { type: 'string', default: NAMESPACE },
    registry: { type: 'string' },
    'pull-secret': { type: 'string' },
    'external-stores': { type: 'boolean' },
    sample: { type: 'boolean' },
    'demo-accounts': { type: 'boolean' },
    load: { type: 'string' },
    set: { type: 'string' },
    values: { type: 'string', multiple: true },
    'ready-within': { type: 'string', default: String(READY_WITHIN) }
  },
  valuesWhenOmitted: { load: '1' },
  async run({ stack, words, options, environment }) {
    const loadRate = parseRate(options.load)
    const targets = words.length > 0 ? parseTargets(stack, words) : undefined
    const userValues = parseUserValues(words, options)
    const readyWithin = Number(options['ready-within'])
    if (!Number.isInteger(readyWithin) || readyWithin < 1)
      throw new Failure(`--ready-within must be a whole number of seconds, not ${options['ready-within']}`)
    const cluster = await connectCluster(stack.root, environment, String(options.namespace))
    const registry = options.registry === undefined ? undefined : String(options.registry).replace(/\/$/, '')
    const pullSecret = options['pull-secret'] === undefined ? undefined : String(options['pull-secret'])
    const externalStores = options['external-stores'] === true
    const demoAccounts = options['demo-accounts'] === true || (await isForTrying(cluster))
    await deploy({
      stack,
      cluster,
      targets,
      userValues,
      imageTag: service => imageVersion(stack.root, service),
      registry,
      pullSecret,
      externalStores,
      demoAccounts,
      loadRate,
      readyWithin,
      say: console.log
    })
    if (!demoAccounts && !targets)
      console.log(
        'No demo accounts were created. `bulkhead deploy --help` shows how to create the first member of staff'
      )
    if (!(await gatewayAddress(cluster))) {
      console.log('The Gateway has no address yet. Check `kubectl get gateway bulkhead`, or your Ingress')
      return 0
    }
    const { address } = await reach(cluster)
    const services = targets ? targets.services : stack.services
    await untilKnown(
      address,
      services.map(({ name }) => name).filter(name => name !== 'gateway')
    )
    if (options.sample && demoAccounts) await importSampleInto(stack, cluster)
    else if (options.sample) console.log('The sample catalogue was not imported, because that needs demo accounts')
    console.log(`\nThe API is at ${address}/api/v1, its reference at ${address}/reference`)
    return 0
  }
}

/** The services, stores and platform that the words of a call name. Fails if one is unknown. */
function parseTargets(stack: Stack, words: string[]): Targets {
  const allStores = [
    EVENT_LOG,
    ...stack.services.filter(({ store }) => store !== 'none').map(({ name }) => storeSecret(name))
  ]
  const stores = words.filter(word => allStores.includes(word))
  const services = words
    .filter(word => !allStores.includes(word))
    .filter(word => word !== 'platform')
    .map(word => findService(stack, word))
  return { services, platform: words.includes('platform'), stores }
}

/** The values of a call. Fails if a file does not exist, or if it is unclear which release the values are for. */
export function parseUserValues(words: string[], options: Call['options']): UserValues {
  const set = options.set === undefined ? undefined : String(options.set)
  const files = Array.isArray(options.values) ? options.values : []
  if (set !== undefined && words.length === 0)
    throw new Failure('--set needs the name of a service', 'Example: bulkhead deploy catalog --set replicas=3')
  if (files.length > 0 && words.length !== 1)
    throw new Failure(
      '--values needs the name of exactly one service, store or the platform',
      'Example: bulkhead deploy catalog --values FILE'
    )
  const missing = files.find(file => !existsSync(file))
  if (missing !== undefined) throw new Failure(`there is no file ${missing}`)
  return { files, set }
}

async function importSampleInto(stack: Stack, cluster: Cluster) {
  const bar = progressBar(process.stderr)
  const report = await importSample(stack.root, await openClusterShop(cluster), bar.show).finally(bar.clear)
  if (report) console.log(report)
}

function findService({ services }: Stack, name: string): Service {
  const service = services.find(service => service.name === name)
  if (service) return service
  const names = [...services.map(service => service.name), 'platform', EVENT_LOG]
  const nearest = nearestName([name], names)
  throw new Failure(
    `there is no service "${name}"`,
    nearest ? `Did you mean ${nearest}?` : `Choose from ${names.join(', ')}`
  )
}
