import { deploy, undeploy } from '../cluster/deploy.ts'
import { gatewayAddress } from '../cluster/gateway-address.ts'
import { type Cluster, connectCluster } from '../cluster/kubectl.ts'
import { openClusterShop, reach, untilKnown } from '../cluster/shop.ts'
import type { Command } from '../command.ts'
import { Failure } from '../failure.ts'
import { nearestName } from '../nearest-name.ts'
import { progressBar } from '../progress-bar.ts'
import { importSample } from '../sample.ts'
import type { Service, Stack } from '../stack.ts'

const NAMESPACE = 'bulkhead'
const READY_WITHIN = 150
const CLUSTER = `--namespace NAME    of the installation: ${NAMESPACE} when not given

The cluster is that of KUBECONFIG, else the one that \`make cluster\` gave.`

/** `bulkhead deploy [SERVICE...]` */
export const deployCommand: Command = {
  usage:
    'deploy [SERVICE...] [--namespace NAME] [--registry REGISTRY] [--external-stores] [--sample] [--set VALUES] [--ready-within SECONDS]',
  summary: 'install or upgrade all services, or those that are named, in a cluster',
  details: `--registry URL      where the images are, such as registry.example.com/shop
--sample            import the sample catalogue where there is no product yet
--external-stores   install no stores: the Secrets <service>-store and event-log tell where they are
--set VALUES        values of the services that are named, as helm has them: replicas=3,logLevel=debug
--ready-within S    seconds in which the pods of each must be ready: ${READY_WITHIN} when not given
${CLUSTER}

It makes the secrets that are missing, once, and the platform and stores that services stand on. A service that does not become ready goes
back to the version before.`,
  examples: [
    ['bulkhead deploy', 'everything'],
    ['bulkhead deploy catalog cart', 'two services, each alone'],
    ['bulkhead deploy catalog --set replicas=3', 'one with a value of its own, until it is deployed without'],
    ['bulkhead deploy --namespace second', 'another installation beside it']
  ],
  options: {
    namespace: { type: 'string', default: NAMESPACE },
    registry: { type: 'string' },
    'external-stores': { type: 'boolean' },
    sample: { type: 'boolean' },
    set: { type: 'string' },
    'ready-within': { type: 'string', default: String(READY_WITHIN) }
  },
  async run({ stack, words, options, environment }) {
    const services = words.length > 0 ? words.map(word => serviceOf(stack, word)) : stack.services
    const cluster = await connectCluster(stack.root, environment, String(options.namespace))
    const registry = options.registry === undefined ? undefined : String(options.registry).replace(/\/$/, '')
    const externalStores = options['external-stores'] === true
    const values = options.set === undefined ? undefined : String(options.set)
    if (values !== undefined && words.length === 0)
      throw new Failure(
        '--set is for services that are named',
        'Say for which: bulkhead deploy catalog --set replicas=3'
      )
    const readyWithin = Number(options['ready-within'])
    if (!Number.isInteger(readyWithin) || readyWithin < 1)
      throw new Failure(`--ready-within ${options['ready-within']} is no number of seconds`)
    await deploy({ stack, cluster, services, registry, externalStores, values, readyWithin, say: console.log })
    if (!(await gatewayAddress(cluster))) return 0
    const { address } = await reach(cluster)
    await untilKnown(
      address,
      services.map(({ name }) => name).filter(name => name !== 'gateway')
    )
    if (options.sample) await importInto(stack, cluster)
    console.log(`\nThe API is at ${address}/api/v1, its reference at ${address}/reference`)
    return 0
  }
}

async function importInto(stack: Stack, cluster: Cluster) {
  const bar = progressBar(process.stderr)
  const done = await importSample(stack.root, await openClusterShop(cluster), bar.show).finally(bar.clear)
  if (done) console.log(done)
}

/** `bulkhead undeploy` */
export const undeployCommand: Command = {
  usage: 'undeploy [--namespace NAME]',
  summary: 'remove an installation from a cluster, with its data and its namespace',
  details: CLUSTER,
  examples: [['bulkhead undeploy --namespace second', 'the second installation']],
  options: { namespace: { type: 'string', default: NAMESPACE } },
  async run({ stack, options, environment }) {
    const cluster = await connectCluster(stack.root, environment, String(options.namespace))
    const was = await undeploy(cluster)
    console.log(was ? `${cluster.namespace} is removed` : `There is no namespace ${cluster.namespace}`)
    return 0
  }
}

function serviceOf({ services }: Stack, name: string): Service {
  const found = services.find(service => service.name === name)
  if (found) return found
  const names = services.map(service => service.name)
  const nearest = nearestName([name], names)
  throw new Failure(
    `there is no service "${name}"`,
    nearest ? `Did you mean ${nearest}?` : `There are ${names.join(', ')}`
  )
}
