import { startBaseline } from '../baseline.ts'
import { type CpuOfLoad, loadAndCpu, type Server } from '../cpu-per-request.ts'
import { beside, type Figure } from '../figure.ts'
import { startGateway } from '../gateway-ground.ts'
import { tryOne } from '../load.ts'
import { inTurns } from '../turns.ts'

/** What is left out of a gateway, by what is said of it. */
const VARIANTS: Record<string, Record<string, string>> = {
  'access tokens and the limit of accounts': { WITHOUT: 'tokens' },
  'both limits of rates': { WITHOUT: 'rates' },
  'a log line for each request': { LOG_LEVEL: 'warn' },
  'all of these': { WITHOUT: 'tokens,rates', LOG_LEVEL: 'warn' }
}

/** What each feature of the gateway costs: its CPU for a request and its throughput without that one, beside those with all. */
export const features: Figure = {
  title: 'the gateway without a feature',
  async run(ground, { ROUNDS, SECONDS, BENCH_PORT_BASE }) {
    const { url, daemon, file, first, environment } = await startGateway(ground, BENCH_PORT_BASE)
    const servers: Record<string, Server> = { whole: { url, daemon } }
    for (const [what, variant] of Object.entries(VARIANTS)) {
      servers[what] = await startBaseline(ground, 'gateway-without', { ...environment, ...variant })
    }
    for (const server of Object.values(servers)) await tryOne(server.url, first)
    const sides = Object.entries(servers).map(([what, server]) => [what, () => loadAndCpu(server, file, SECONDS)])
    const measured = await inTurns<CpuOfLoad, string>(ROUNDS, Object.fromEntries(sides), ground.say)
    const row = (without: string, figure: 'microseconds' | 'perSecond', what: string, unit: string) => {
      const of = (side: string) => measured[side]!.map(round => round[figure])
      const baseline = { what: 'gateway with all', rounds: of('whole') }
      return beside(baseline, { what: `gateway without ${without}: ${what}`, unit, rounds: of(without) })
    }
    return Object.keys(VARIANTS).flatMap(without => [
      row(without, 'microseconds', 'CPU', 'µs'),
      row(without, 'perSecond', 'throughput', 'requests/s')
    ])
  }
}
