import { type CpuOfLoad, loadAndCpu, type Server } from '../load/cpu-per-request.ts'
import { measureInTurns } from '../load/rounds.ts'
import { sendOnce } from '../load/wrk.ts'
import { comparedRow, type Figure } from '../report/rows.ts'
import { startBaseline } from '../testbed/baseline.ts'
import { startGateway } from '../testbed/gateway-and-proxy.ts'

/** The variants of the gateway, by a description of what each one lacks: its additional environment variables. */
const VARIANTS: Record<string, Record<string, string>> = {
  'access tokens and the limit for accounts': { WITHOUT: 'tokens' },
  'both rate limits': { WITHOUT: 'rates' },
  'a log line for each request': { LOG_LEVEL: 'warn' },
  'all of these': { WITHOUT: 'tokens,rates', LOG_LEVEL: 'warn' }
}

/** The row of the gateway that samples a tenth of its traces. Its spans go to a server that keeps nothing. */
const TRACED = 'gateway with traces at 10 %'

/**
 * The cost of each feature of the gateway: CPU for each request and throughput without the feature, and with tracing, which is off by
 * default. Each is compared with the whole gateway.
 */
export const features: Figure = {
  title: 'the gateway without a feature',
  async run(testbed, { ROUNDS, SECONDS, BENCH_PORT_BASE }) {
    const { url, daemon, file, first, environment } = await startGateway(testbed, BENCH_PORT_BASE)
    const servers: Record<string, Server> = { whole: { url, daemon } }
    for (const [what, variant] of Object.entries(VARIANTS)) {
      servers[what] = await startBaseline(testbed, 'gateway-without', { ...environment, ...variant })
    }
    const receiver = await startBaseline(testbed, 'span-receiver')
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER_ARG: '0.1' }
    servers[TRACED] = await startBaseline(testbed, 'gateway-without', { ...environment, ...tracing })
    for (const server of Object.values(servers)) await sendOnce(server.url, first)
    const sides = Object.entries(servers).map(([what, server]) => [what, () => loadAndCpu(server, file, SECONDS)])
    const measured = await measureInTurns<CpuOfLoad, string>(ROUNDS, Object.fromEntries(sides), testbed.say)
    const row = (side: string, name: string, figure: 'microseconds' | 'perSecond', what: string, unit: string) => {
      const roundsOf = (one: string) => measured[one]!.map(round => round[figure])
      const baseline = { what: 'whole gateway', rounds: roundsOf('whole') }
      return comparedRow(baseline, { what: `${name}: ${what}`, unit, rounds: roundsOf(side) })
    }
    const names = Object.keys(VARIANTS).map(without => [without, `gateway without ${without}`])
    return [...names, [TRACED, TRACED]].flatMap(([side, name]) => [
      row(side!, name!, 'microseconds', 'CPU', 'µs'),
      row(side!, name!, 'perSecond', 'throughput', 'requests/s')
    ])
  }
}
