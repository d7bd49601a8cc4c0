import { setTimeout as delay } from 'node:timers/promises'
import { localUrl } from '../../packages/cli/src/stack.ts'
import type { Extra, Ground } from './ground.ts'
import type { Shop } from './shop.ts'

/** One thing that goes wrong during a storm of orders. */
export type Fault = {
  name: string
  /** Is done before the storm. */
  prepare?: (ground: Ground) => Promise<void>
  /** Goes on during the storm, and resolves with what is to be told of it, in a few words, once all is mended. */
  run: (ground: Ground, shop: Shop) => Promise<string>
}

const SERVICES = ['orders', 'inventory', 'payments', 'sandbox'] as const
/** The points that every order passes in each. Those of calls are, in sandbox, those of webhooks. */
const POINTS = {
  orders: [
    'before-write',
    'after-write',
    'before-call',
    'after-call',
    'after-write-before-publish',
    'after-publish-before-mark'
  ],
  inventory: ['before-write', 'after-write'],
  payments: ['before-write', 'after-write', 'before-call', 'after-call'],
  sandbox: ['before-write', 'after-write', 'before-call', 'after-call']
} satisfies Record<(typeof SERVICES)[number], string[]>
/** Those that only an order passes whose customer's bank was asked. */
const RARE_POINTS = {
  orders: ['after-effect-before-acknowledge'],
  payments: ['after-write-before-publish', 'after-publish-before-mark']
}
/** At which passing of a point the process dies: the first ones are those of its start and the first orders, later ones fall into the crowd. */
const PASSINGS = [1, 3, 8, 13]

/** Milliseconds, some storms long, and more than a lease of the dead lasts. */
const KILL_WITHIN = 12_000

/** `kill -9` of a replica as it passes a point for the nth time; then it starts again. */
export const killAt = (service: string, point: string, passing: number): Fault => ({
  name: `${service} dies ${point}, passing ${passing}`,
  async prepare(ground) {
    await restart(ground, service, { environment: { KILL_AT: `${point}:${passing}` } }).catch(error => {
      if (!/killed by SIGKILL/.test(String(error))) throw error // it passed the point as it started
    })
    await restart(ground, service, {}, 1) // it gives up its leases
  },
  async run(ground) {
    const [replica] = ground.replicas(service)
    let died = await replica!.endsWithin(KILL_WITHIN)
    if (!died) {
      await restart(ground, service, {}, 1) // it had got a lease that the dead of the fault before left
      died = await replica!.endsWithin(KILL_WITHIN)
    }
    if (died) await replica!.start()
    else await restart(ground, service, {})
    return died ? 'killed' : 'not reached'
  }
})

async function restart(ground: Ground, service: string, extra: Extra, index = 0) {
  const replica = ground.replicas(service)[index]!
  await replica.stop()
  await replica.start(extra)
}

const STOPPED = 30_000

/** A replica that stops in its tracks, and goes on half a minute later as if nothing had been. */
const stopped = (service: string): Fault => ({
  name: `${service} is stopped for ${STOPPED / 1_000} s`,
  async run(ground) {
    const [replica] = ground.replicas(service)
    await delay(500)
    replica!.send('SIGSTOP')
    await delay(STOPPED)
    replica!.send('SIGCONT')
    return 'stopped'
  }
})

const AWAY = 10_000

/** What nobody reaches: `wayOf` is the way there. */
const away = (what: string, wayOf: (ground: Ground) => { cut(): void; mend(): void }): Fault => ({
  name: `${what} is away for ${AWAY / 1_000} s`,
  async run(ground) {
    await delay(500)
    wayOf(ground).cut()
    await delay(AWAY)
    wayOf(ground).mend()
    return 'cut'
  }
})
/** The store of a service, or the event log. */
const storeAway = (store: string) => away(`the store of ${store}`, ground => ground.way(store))
const serviceAway = (service: string) => away(service, ground => ground.front(service))

/** What a provider may do to its webhooks. */
const webhooks = (what: string, behaviour: object): Fault => ({
  name: `webhooks are ${what}`,
  async run(_ground, shop) {
    await shop.setWebhooks(behaviour)
    await delay(8_000)
    await shop.setWebhooks({})
    return what
  }
})

/** The time of a replica, by the second, as its answers say. */
async function clockOf(port: number): Promise<number> {
  const answer = await fetch(localUrl(port), { signal: AbortSignal.timeout(5_000) })
  await answer.body?.cancel()
  return Date.parse(answer.headers.get('date') ?? '')
}

/** A replica whose clock is ten minutes off. */
const clockOff = (service: string, clock: string): Fault => ({
  name: `${service} has a clock that is off by ${clock}`,
  prepare: ground => restart(ground, service, { clock }),
  async run(ground) {
    await delay(10_000)
    const off = (await clockOf(ground.replicas(service)[0]!.port)) - Date.now()
    if (Math.abs(off - Number.parseInt(clock, 10) * 1_000) > 5_000) throw new Error(`The clock is off by ${off} ms`)
    await restart(ground, service, {})
    return 'shifted'
  }
})

/** Whether a fault needs a program that shifts the clock of a process. */
export const isOfClock = (name: string) => name.includes('has a clock')

/** All faults, in their order; kills first. */
export const allFaults: Fault[] = [
  ...SERVICES.flatMap(service =>
    POINTS[service].flatMap(point => PASSINGS.map(passing => killAt(service, point, passing)))
  ),
  ...Object.entries(RARE_POINTS).flatMap(([service, points]) => points.map(point => killAt(service, point, 1))),
  ...SERVICES.map(stopped),
  ...['orders', 'inventory', 'payments', 'sandbox', 'event-log'].map(storeAway),
  ...['catalog', 'inventory', 'payments', 'sandbox'].map(serviceAway),
  webhooks('late', { delayMs: 5_000 }),
  webhooks('doubled', { copies: 3 }),
  webhooks('reordered', { shuffle: true }),
  webhooks('lost', { lose: 1 }),
  ...SERVICES.flatMap(service => [clockOff(service, '+600s'), clockOff(service, '-600s')])
]
