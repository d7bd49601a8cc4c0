import { bareWrites } from '../baselines/bare-writes.ts'
import { repeatFor, repeatTimes } from '../load/concurrency.ts'
import { cpuOf } from '../load/cpu.ts'
import { measureInTurns } from '../load/rounds.ts'
import { comparedRow, type Figure, measuredRow, type Row } from '../report/rows.ts'
import type { Settings } from '../settings.ts'
import { countOrderWrites, type OrderWrites } from '../shop/order-writes.ts'
import { LIMITS, ORDER_PATH, openShop } from '../shop/shop.ts'
import { startServices } from '../testbed/services.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** The name of this process, which sends the orders and the bare writes. */
const LOAD = 'the load generator'
/**
 * The number of orders before the measurement, so that the measured code is compiled. Half a minute after the start, V8's optimizing
 * compiler still used 6 % of all CPU time.
 */
const WARM_UP = 3_000

/**
 * The documents that an order writes into MongoDB; the orders per second from `POST /orders` to `captured`, compared with as many writes by
 * the driver alone; and the CPU time of each process. The sandbox does not count, because it keeps its records in Redis.
 */
export const orders: Figure = {
  title: 'orders of one line through the gateway to captured, 32 at once',
  async run(testbed, settings) {
    const writes = await countOrderWrites(testbed, settings.BENCH_PORT_BASE)
    await testbed.clear()
    return [...writeRows(writes), ...(await loadRows(testbed, settings, writes))]
  }
}

/** Counts the writes of an order. `updates` includes marking events as published. `events` counts their removal ten minutes later. */
const writesOf = ({ inserts, updates, events }: OrderWrites) => inserts + updates + events
const sum = (writes: OrderWrites[]) => writes.reduce((sum, each) => sum + writesOf(each), 0)

function writeRows(writes: OrderWrites[]): Row[] {
  const row = (what: string, written: OrderWrites[]) => ({
    what: `an order: documents written, ${what}`,
    unit: 'documents',
    rounds: [sum(written)]
  })
  const removals = writes.reduce((sum, { events }) => sum + events, 0)
  const total = `in all (${removals} of them remove its events, ten minutes later)`
  return [
    measuredRow({ ...row(total, writes), goal: { compare: 'measured', max: 14 } }),
    ...writes.map(each => measuredRow(row(each.service, [each])))
  ]
}

type Round = { perSecond: number; cpu: Record<string, number> }

async function loadRows(
  testbed: Testbed,
  { ROUNDS, SECONDS, BENCH_PORT_BASE: portBase }: Settings,
  writes: OrderWrites[]
): Promise<Row[]> {
  const running = await startServices(testbed, { services: ORDER_PATH, portBase, environment: LIMITS })
  const shop = await openShop(testbed, running)
  await repeatTimes(WARM_UP, shop.order)
  const mixes = writes.map(({ service, inserts, updates, events }) => {
    return { url: running.storeUrls[service]!, inserts: Math.round(inserts), updates: Math.round(updates + events) }
  })
  const bare = await bareWrites(mixes)
  testbed.onClear(bare.close)
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
      const { done, inTime } = await repeatFor(SECONDS, shop.order)
      const used = Object.entries(cpu()).map(([name, microseconds]) => [name, (microseconds - before[name]!) / done])
      return { perSecond: inTime / SECONDS, cpu: Object.fromEntries(used) }
    },
    bare: async (): Promise<Round> => ({ perSecond: await bare.writesPerSecond(SECONDS), cpu: {} })
  }
  const rounds = await measureInTurns<Round, keyof typeof sides>(ROUNDS, sides, testbed.say)
  const bareRounds = rounds.bare.map(({ perSecond }) => perSecond)
  const baseline = {
    what: `as many bare writes with mongodb (${sum(writes)} an order)`,
    rounds: bareRounds.map(perSecond => perSecond / sum(writes))
  }
  const orderRounds = rounds.orders.map(({ perSecond }) => perSecond)
  return [
    comparedRow(baseline, {
      what: 'orders, from POST to captured',
      unit: 'orders/s',
      rounds: orderRounds,
      goal: { compare: 'ratio', min: 0.35 }
    }),
    measuredRow({ what: 'bare writes of one document, 32 at once', unit: 'writes/s', rounds: bareRounds }),
    ...Object.keys(rounds.orders[0]!.cpu).map(name =>
      measuredRow({ what: `an order: CPU, ${name}`, unit: 'µs', rounds: rounds.orders.map(({ cpu }) => cpu[name]!) })
    )
  ]
}
