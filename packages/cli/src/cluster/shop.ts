import { setTimeout as delay } from 'node:timers/promises'
import { Agent, setGlobalDispatcher } from 'undici'
import { Failure } from '../failure.ts'
import { ask } from '../processes/ports.ts'
import type { Shop } from '../services/shop.ts'
import type { DemoAccount } from '../tokens/development-keys.ts'
import { signIn } from '../tokens/people.ts'
import { certificateName } from './certificate-name.ts'
import { forwardingAdvice, gatewayAddress, startingProxy } from './gateway-address.ts'
import type { Cluster } from './kubectl.ts'
import { readSecrets } from './secrets.ts'

/** How to verify the installation's certificate. The defaults are the authorities of this machine and the host of the address. */
type Trust = { ca?: string; servername?: string }
/** A shop that runs in a cluster. */
export type ClusterShop = Shop & { trust: Trust }

/** How long to wait for a connection (ms): `starting` while a proxy of the gateway starts, else `usual`. */
const REACHED_LIMITS = { usual: 30_000, starting: 120_000 }
/** How long to wait until the gateway knows the services (ms), and how many successive answers must show it, because replicas differ. */
const [KNOWN_LIMIT, ANSWERS_IN_A_ROW] = [60_000, 6]
const IDENTITY = '/api/v1/identity'

/** Waits until an installation can be reached, and makes this process trust its certificate. */
export async function reach(cluster: Cluster): Promise<Omit<ClusterShop, 'tokens'>> {
  const { namespace } = cluster
  const address = await gatewayAddress(cluster)
  if (!address) throw new Failure(`${namespace} has no address`, `Deploy it: bulkhead deploy --namespace ${namespace}`)
  await untilReached(cluster, address)
  const secret = (await readSecrets(cluster)).get('gateway-tls')
  const ca = secret?.['ca.crt']
  const servername = certificateName(secret?.['tls.crt'], hostOf(address))
  const trust = { ...(ca && { ca }), ...(servername && { servername }) }
  setGlobalDispatcher(new Agent({ connect: trust }))
  return { address, trust }
}

/** Waits until something listens at an address. Fails with the proxy that does not start, or with advice on how to reach the gateway. */
export async function untilReached(cluster: Cluster, address: string, limits = REACHED_LIMITS): Promise<void> {
  const start = Date.now()
  while ((await ask(Number(new URL(address).port || 443), '', hostOf(address))) === undefined) {
    const elapsed = Date.now() - start
    if (elapsed >= limits.usual) {
      const starting = await startingProxy(cluster)
      const problem = `cannot connect to the gateway at ${address}`
      if (!starting) throw new Failure(problem, await forwardingAdvice(cluster))
      if (elapsed >= limits.starting) throw new Failure(`${problem}: ${starting.name} is not ready`, starting.advice)
      await delay(1_000)
    }
    await delay(100)
  }
}

/** The host of an address, without the brackets of IPv6. */
const hostOf = (address: string) => new URL(address).hostname.replace(/^\[|\]$/g, '')

/** Waits until an installation can be reached, and signs its demo accounts in. */
export async function openClusterShop(cluster: Cluster): Promise<ClusterShop> {
  const reached = await reach(cluster)
  const accounts = (await readSecrets(cluster)).get('demo-accounts')?.['accounts.json'] ?? '[]'
  const [customer, staff] = JSON.parse(accounts) as DemoAccount[]
  if (!customer || !staff)
    throw new Failure(
      `${cluster.namespace} has no demo accounts`,
      `Create them: bulkhead deploy identity --demo-accounts --namespace ${cluster.namespace}`
    )
  const tokenOf = async (account: DemoAccount) =>
    (await signIn('identity', reached.address + IDENTITY, account)).accessToken
  return { ...reached, tokens: { customer: await tokenOf(customer), staff: await tokenOf(staff) } }
}

/** Waits until every gateway replica knows these services. Replicas look for new ones every 2 s. Fails with the unknown services. */
export async function untilKnown(address: string, services: string[]): Promise<void> {
  let unknown = services
  let row = 0
  for (const limit = Date.now() + KNOWN_LIMIT; Date.now() < limit; await delay(100)) {
    const answer = await fetch(`${address}/openapi.json`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
    const { paths = {} } = answer?.ok ? ((await answer.json()) as { paths?: object }) : {}
    unknown = services.filter(name => !Object.keys(paths).some(path => path.startsWith(`/api/v1/${name}/`)))
    row = unknown.length === 0 ? row + 1 : 0
    if (row === ANSWERS_IN_A_ROW) return
  }
  throw new Failure(`the gateway at ${address} does not know ${unknown.join(', ') || 'all services at every replica'}`)
}
