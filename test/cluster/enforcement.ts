import { runInside } from './installed-pods.ts'
import type { Ground } from './part.ts'

const STORE_PORTS: Record<string, number> = { mongodb: 27_017, redis: 6_379 }

const CONNECT = `
import { connect } from 'node:net'
const socket = connect({ ...given, timeout: 5000 })
const end = answer => { console.log(JSON.stringify(answer)); process.exit() }
socket.on('connect', () => end('connected')).on('timeout', () => end('no answer')).on('error', error => end(error.code))
`

/** What a service gets that connects to its own store, and to that of another. */
export type Reached = { who: string; own: string; other: string }

/** Undefined where there are not two services with stores in the cluster. */
export async function storesReached({ cluster, stack }: Ground): Promise<Reached | undefined> {
  const there = await Promise.all(
    stack.services.map(async service => ((await cluster.get('service', `${service.name}-store`)) ? [service] : []))
  )
  const [one, other] = there.flat()
  if (!one || !other) return undefined
  const reach = ({ name, store }: typeof one) =>
    runInside<string>(cluster, one.name, { host: `${name}-store`, port: STORE_PORTS[store] }, CONNECT)
  const [own, others] = await Promise.all([reach(one), reach(other)])
  return { who: one.name, own, other: others }
}

/** The name was not found: nobody was asked, so nobody refused. */
const UNKNOWN_NAME = /ENOTFOUND|EAI_AGAIN/

/** Whether the cluster does what NetworkPolicies say: what is allowed works, and what is not does not. */
export const isEnforced = (reached: Reached | undefined): boolean =>
  reached?.own === 'connected' && isCutOff(reached.other)

/** Whether an answer, a status or what went wrong, is that of a connection that nobody lets through. */
export const isCutOff = (answer: number | string | undefined): boolean =>
  typeof answer === 'string' && answer !== 'connected' && !UNKNOWN_NAME.test(answer)
