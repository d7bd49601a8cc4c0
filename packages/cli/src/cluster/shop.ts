import { setTimeout as delay } from 'node:timers/promises'
import { Agent, setGlobalDispatcher } from 'undici'
import type { DemoAccount } from '../development-keys.ts'
import { Failure } from '../failure.ts'
import { signIn } from '../people.ts'
import type { Shop } from '../shop.ts'
import { gatewayAddress } from './gateway-address.ts'
import type { Cluster } from './kubectl.ts'
import { readSecrets } from './secrets.ts'

/** An installation in a cluster, with the certificate that signed its address's own; undefined where the machine knows it. */
export type ClusterShop = Shop & { ca: string | undefined }

/** Milliseconds in which the replicas of the gateway know the services, and the answers in a row that show it. */
const [KNOWN_LIMIT, IN_A_ROW] = [30_000, 6]
const IDENTITY = '/api/v1/identity'

/** Where an installation is reached. From then on this process trusts its certificate. */
export async function reach(cluster: Cluster): Promise<Omit<ClusterShop, 'tokens'>> {
  const { namespace } = cluster
  const address = await gatewayAddress(cluster)
  if (!address) throw new Failure(`${namespace} has no address`, `Deploy it: bulkhead deploy --namespace ${namespace}`)
  const ca = (await readSecrets(cluster)).get('gateway-tls')?.['ca.crt']
  if (ca) setGlobalDispatcher(new Agent({ connect: { ca } }))
  return { address, ca }
}

/** Reaches an installation and signs its demo people in. */
export async function openClusterShop(cluster: Cluster): Promise<ClusterShop> {
  const reached = await reach(cluster)
  const accounts = (await readSecrets(cluster)).get('demo-accounts')?.['accounts.json'] ?? '[]'
  const [customer, staff] = JSON.parse(accounts) as DemoAccount[]
  if (!customer || !staff) throw new Failure(`${cluster.namespace} has no demo accounts`)
  const of = async (account: DemoAccount) => (await signIn('identity', reached.address + IDENTITY, account)).accessToken
  return { ...reached, tokens: { customer: await of(customer), staff: await of(staff) } }
}

/** Waits until every replica of the gateway knows these services: it asks for what is new every 2 seconds. Fails with those that it does not know. */
export async function untilKnown(address: string, services: string[]): Promise<void> {
  let unknown = services
  let row = 0
  for (const limit = Date.now() + KNOWN_LIMIT; Date.now() < limit; await delay(100)) {
    const answer = await fetch(`${address}/openapi.json`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
    const { paths = {} } = answer?.ok ? ((await answer.json()) as { paths?: object }) : {}
    unknown = services.filter(name => !Object.keys(paths).some(path => path.startsWith(`/api/v1/${name}/`)))
    row = unknown.length === 0 ? row + 1 : 0
    if (row === IN_A_ROW) return
  }
  throw new Failure(
    `the gateway at ${address} does not know ${unknown.join(', ') || 'all services at all its replicas'}`
  )
}
