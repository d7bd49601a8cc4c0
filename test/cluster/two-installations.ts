import { connectCluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { type ClusterShop, openClusterShop } from '../../packages/cli/src/cluster/shop.ts'
import { askGateway } from '../../packages/cli/src/smoke/ask.ts'
import { mustBulkhead } from './bulkhead.ts'
import { deployWords } from './deployed.ts'
import { identities, runInside } from './installed-pods.ts'
import { differing, type Ground, type Part } from './part.ts'

/** Of the second installation, at one replica each. */
const FEW = ['gateway', 'identity', 'catalog']
const PRODUCTS = '/api/v1/catalog/products'
/** In the first: it has a token for catalog. */
const CALLER = 'cart'

const CALL = `
import { readFileSync } from 'node:fs'
const token = readFileSync('/var/run/bulkhead/tokens/catalog', 'utf8').trim()
const options = () => ({ headers: { authorization: 'Bearer ' + token }, signal: AbortSignal.timeout(5000) })
const statuses = given.map(url => fetch(url, options()).then(answer => answer.status, () => 'no connection'))
console.log(JSON.stringify(await Promise.all(statuses)))
`

/** A second installation in a namespace of its own knows nothing of the first, and the first notices nothing of it. */
export const twoInstallations: Part = {
  name: 'two installations side by side',
  async run(ground) {
    const second = `${ground.cluster.namespace}-second`
    const before = await identities(ground.cluster)
    let findings: string[] = []
    try {
      const words = await deployWords(ground, FEW[0]!)
      await mustBulkhead(ground, [...words, ...FEW.slice(1), '--set', 'replicas=1'], second)
      findings = await strangers(ground, second)
    } finally {
      await mustBulkhead(ground, ['undeploy'], second)
    }
    const found = await ground.cluster.kubectl(['get', 'namespace', second, '--ignore-not-found', '--output', 'name'])
    return [
      ...findings,
      ...differing('the second namespace, once it is removed', '', found.trim()),
      ...differing('the pods of the first', before, await identities(ground.cluster))
    ]
  }
}

async function strangers(ground: Ground, second: string): Promise<string[]> {
  const { stack, cluster, openShop, say } = ground
  const other = await connectCluster(stack.root, { ...process.env, KUBECONFIG: cluster.kubeconfig }, second)
  const first = await openShop()
  const ours = await newProduct(first)
  const there = await openClusterShop(other)
  const theirs = await newProduct(there)
  const findings = await refused('the second installation', there, ours, first.tokens.staff)
  // Whose certificate is trusted is whose shop was opened last.
  const here = await openShop()
  findings.push(...(await refused('the first installation', here, theirs, there.tokens.staff)))
  const urls = ['catalog', `catalog.${second}.svc`].map(host => `http://${host}:8080/no-such-operation`)
  const [own, foreign] = await runInside<(number | string)[]>(cluster, CALLER, urls, CALL)
  say(`    a token of ${CALLER} for catalog gets ${own} from its own, ${foreign} from the other`)
  return [
    ...findings,
    ...differing(`what ${CALLER} gets from its own catalog`, 404, own),
    ...(foreign === 401 || foreign === 'no connection' ? [] : [`the other catalog gives ${CALLER} ${foreign}`])
  ]
}

/** Draft of a product, which only staff sees. */
async function newProduct(shop: ClusterShop): Promise<string> {
  const body = { handle: `two-${Date.now()}`, title: 'Two installations' }
  const { id } = (await askGateway(shop)(201, 'POST', PRODUCTS, { as: 'staff', body })).body
  await askGateway(shop)(200, 'GET', `${PRODUCTS}/${id}`, { as: 'staff' })
  return id
}

/** Neither another's product nor another's token is anything here. */
async function refused(what: string, shop: ClusterShop, product: string, token: string): Promise<string[]> {
  const attempts = [
    askGateway(shop)(404, 'GET', `${PRODUCTS}/${product}`, { as: 'staff' }),
    askGateway(shop)(401, 'GET', `${PRODUCTS}/${product}`, { token })
  ]
  const outcomes = await Promise.allSettled(attempts)
  return outcomes.flatMap(each => (each.status === 'rejected' ? [`${what}: ${(each.reason as Error).message}`] : []))
}
