import { connectCluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import { type ClusterShop, openClusterShop } from '../../../packages/cli/src/cluster/shop.ts'
import { askGateway } from '../../../packages/cli/src/smoke/ask.ts'
import { runBulkhead } from '../installation/bulkhead.ts'
import { deployArguments } from '../installation/deployment.ts'
import { identities, runInside } from '../installation/installed-pods.ts'
import { differenceOf, type Installation, type Part } from '../part.ts'

/** The services of the second installation, with one replica each. */
const SERVICES = ['gateway', 'identity', 'catalog']
const PRODUCTS = '/api/v1/catalog/products'
/** A service of the first installation that has a token for catalog. */
const CALLER = 'cart'

const CALL = `
import { readFileSync } from 'node:fs'
const token = readFileSync('/var/run/bulkhead/tokens/catalog', 'utf8').trim()
const options = () => ({ headers: { authorization: 'Bearer ' + token }, signal: AbortSignal.timeout(5000) })
const statuses = given.map(url => fetch(url, options()).then(answer => answer.status, () => 'no connection'))
console.log(JSON.stringify(await Promise.all(statuses)))
`

/** Checks that a second installation in its own namespace can't use the first installation, and does not disturb it. */
export const twoInstallations: Part = {
  name: 'two installations side by side',
  async run(installation) {
    const second = `${installation.cluster.namespace}-second`
    const before = await identities(installation.cluster)
    let findings: string[] = []
    try {
      const words = await deployArguments(installation, SERVICES[0]!)
      await runBulkhead(installation, [...words, ...SERVICES.slice(1), '--set', 'replicas=1'], second)
      findings = await checkIsolation(installation, second)
    } finally {
      await runBulkhead(installation, ['undeploy'], second)
    }
    const found = await installation.cluster.kubectl([
      'get',
      'namespace',
      second,
      '--ignore-not-found',
      '--output',
      'name'
    ])
    return [
      ...findings,
      ...differenceOf('the second namespace after its removal', '', found.trim()),
      ...differenceOf('the pods of the first', before, await identities(installation.cluster))
    ]
  }
}

async function checkIsolation(installation: Installation, second: string): Promise<string[]> {
  const { stack, cluster, openShop, say } = installation
  const other = await connectCluster(stack.root, { ...process.env, KUBECONFIG: cluster.kubeconfig }, second)
  const first = await openShop()
  const ourProduct = await newProduct(first)
  const there = await openClusterShop(other)
  const theirProduct = await newProduct(there)
  const findings = await checkRefusals('the second installation', there, ourProduct, first.tokens.staff)
  // Only the certificate of the shop that was opened last is trusted, so the first one is opened again.
  const here = await openShop()
  findings.push(...(await checkRefusals('the first installation', here, theirProduct, there.tokens.staff)))
  const urls = ['catalog', `catalog.${second}.svc`].map(host => `http://${host}:8080/no-such-operation`)
  const [own, foreign] = await runInside<(number | string)[]>(cluster, CALLER, urls, CALL)
  say(`    the token of ${CALLER} gets ${own} from its own catalog, ${foreign} from the other one`)
  return [
    ...findings,
    ...differenceOf(`what ${CALLER} gets from its own catalog`, 404, own),
    ...(foreign === 401 || foreign === 'no connection' ? [] : [`the other catalog answers ${foreign} to ${CALLER}`])
  ]
}

/** Creates a draft of a product, which only staff can read. */
async function newProduct(shop: ClusterShop): Promise<string> {
  const body = { handle: `two-${Date.now()}`, title: 'Two installations' }
  const { id } = (await askGateway(shop)(201, 'POST', PRODUCTS, { as: 'staff', body })).body
  await askGateway(shop)(200, 'GET', `${PRODUCTS}/${id}`, { as: 'staff' })
  return id
}

/** Checks that an installation refuses products and tokens of the other one. */
async function checkRefusals(what: string, shop: ClusterShop, product: string, token: string): Promise<string[]> {
  const attempts = [
    askGateway(shop)(404, 'GET', `${PRODUCTS}/${product}`, { as: 'staff' }),
    askGateway(shop)(401, 'GET', `${PRODUCTS}/${product}`, { token })
  ]
  const outcomes = await Promise.allSettled(attempts)
  return outcomes.flatMap(each => (each.status === 'rejected' ? [`${what}: ${(each.reason as Error).message}`] : []))
}
