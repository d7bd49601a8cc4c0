import { atOnce, times } from '../at-once.ts'
import { bareWriter } from '../bare-writes.ts'
import { cpuOf } from '../cpu.ts'
import { alone, beside, type Figure, type Row } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { countOrderWrites, type OrderWrites } from '../order-writes.ts'
import { startServices } from '../services.ts'
import type { Settings } from '../settings.ts'
import { LIMITS, ORDER_PATH, openShop } from '../shop.ts'
import { inTurns } from '../turns.ts'

/** The client of the shop and of the stores, which is this process. */
const LOAD = 'the load generator'
/**
 * Orders before the first that count, so that what is measured is compiled: half a minute after the services started V8's optimizing compiler
 * still took 6 % of all CPU time.
 */
const WARM_UP = 3_000

/** What an order writes into MongoDB, where all of its way but the stand-in provider keep their records, and how many a second come from `POST /orders` to `captured` beside as many bare writes; and where the CPU goes. */
export const orders: Figure = {
  title: 'orders of one line through the gateway to captured, 32 at once',
  async run(ground, settings) {
    const writes = await countOrderWrites(ground, settings.BENCH_PORT_BASE)
    await ground.clear()
    return [...rowsOfWrites(writes), ...(await rowsOfLoad(ground, settings, writes))]
  }
}

/** The mark of an event as published was counted; its removal comes ten minutes later. */
const all = ({ inserts, updates, events }: OrderWrites) => inserts + updates + events
const sum = (writes: OrderWrites[]) => writes.reduce((sum, each) => sum + all(each), 0)

function rowsOfWrites(writes: OrderWrites[]): Row[] {
  const row = (what: string, written: OrderWrites[]) => ({
    what: `an order: documents written, ${what}`,
    unit: 'documents',
    rounds: [sum(written)]
  })
  const removals = writes.reduce((sum, { events }) => sum + events, 0)
  const inSum = `in sum (${removals} of them to remove its events, ten minutes later)`
  return [
    alone({ ...row(inSum, writes), goal: { of: 'measured', most: 14 } }),
    ...writes.map(each => alone(row(each.service, [each])))
  ]
}

type Round = { perSecond: number; cpu: Record<string, number> }

async function rowsOfLoad(
  ground: Ground,
  { ROUNDS, SECONDS, BENCH_PORT_BASE: portBase }: Settings,
  writes: OrderWrites[]
): Promise<Row[]> {
  const running = await startServices(ground, { services: ORDER_PATH, portBase, environment: LIMITS })
  const shop = await openShop(ground, running)
  await times(WARM_UP, shop.order)
  const mixes = writes.map(({ service, inserts, updates, events }) => {
    return { url: running.storeUrls[service]!, inserts: Math.round(inserts), updates: Math.round(updates + events) }
  })
  const bare = await bareWriter(mixes)
  ground.later(bare.close)
  const cpu = () => {
    const daemons = Object.entries({ ...running.daemons, ...running.stores })
    const load = process.cpuUsage()
    return {
      ...Object.fromEntries(daemons.map(([name, { identity }]) => [name, cpuOf(identity.pid)])),
      [LOAD]: load.user + load.system
    }
  }
  const sides = {
    orders: async (): Promise<Round> => {
      const before: Record<string, number> = cpu()
      const { done, inTime } = await atOnce(SECONDS, shop.order)
      const used = Object.entries(cpu()).map(([name, microseconds]) => [name, (microseconds - before[name]!) / done])
      return { perSecond: inTime / SECONDS, cpu: Object.fromEntries(used) }
    },
    bare: async (): Promise<Round> => ({ perSecond: await bare.writesPerSecond(SECONDS), cpu: {} })
  }
  const rounds = await inTurns<Round, keyof typeof sides>(ROUNDS, sides, ground.say)
  const bareRounds = rounds.bare.map(({ perSecond }) => perSecond)
  const baseline = {
    what: `as many bare writes with mongodb (${sum(writes)} an order)`,
    rounds: bareRounds.map(perSecond => perSecond / sum(writes))
  }
  const orderRounds = rounds.orders.map(({ perSecond }) => perSecond)
  return [
    beside(baseline, {
      what: 'orders, from POST to captured',
      unit: 'orders/s',
      rounds: orderRounds,
      goal: { of: 'ratio', least: 0.35 }
    }),
    alone({ what: 'bare writes of one document, 32 at once', unit: 'writes/s', rounds: bareRounds }),
    ...Object.keys(rounds.orders[0]!.cpu).map(name =>
      alone({ what: `an order: CPU, ${name}`, unit: 'µs', rounds: rounds.orders.map(({ cpu }) => cpu[name]!) })
    )
  ]
}
