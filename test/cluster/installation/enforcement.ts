import type { Installation } from '../part.ts'
import { runInside } from './installed-pods.ts'

const STORE_PORTS: Record<string, number> = { mongodb: 27_017, redis: 6_379 }

const CONNECT = `
import { connect } from 'node:net'
const socket = connect({ ...given, timeout: 5000 })
const end = answer => { console.log(JSON.stringify(answer)); process.exit() }
socket.on('connect', () => end('connected')).on('timeout', () => end('no answer')).on('error', error => end(error.code))
`

/** The results of a service that connects to its own store and to the store of another service. */
export type StoreConnections = { service: string; own: string; other: string }

/** Lets a service connect to its own store and to another one. Resolves with undefined if fewer than two services have stores. */
export async function connectToStores({ cluster, stack }: Installation): Promise<StoreConnections | undefined> {
  const withStore = await Promise.all(
    stack.services.map(async service => ((await cluster.get('service', `${service.name}-store`)) ? [service] : []))
  )
  const [one, other] = withStore.flat()
  if (!one || !other) return undefined
  const reach = ({ name, store }: typeof one) =>
    runInside<string>(cluster, one.name, { host: `${name}-store`, port: STORE_PORTS[store] }, CONNECT)
  const [own, others] = await Promise.all([reach(one), reach(other)])
  return { service: one.name, own, other: others }
}

/** Matches errors of an unknown host name. Then no server was asked, so no server refused. */
const UNKNOWN_NAME = /ENOTFOUND|EAI_AGAIN/

/** True if the cluster enforces NetworkPolicies: allowed connections work, and all others fail. */
export const isEnforced = (results: StoreConnections | undefined): boolean =>
  results?.own === 'connected' && isBlocked(results.other)

/** True if an answer (a status or an error code) means that the connection was blocked. */
export const isBlocked = (answer: number | string | undefined): boolean =>
  typeof answer === 'string' && answer !== 'connected' && !UNKNOWN_NAME.test(answer)
