import { measureInTurns } from '../load/rounds.ts'
import { type Load, load, sendOnce } from '../load/wrk.ts'
import { comparedRow, type Figure } from '../report/rows.ts'
import { startGateway } from '../testbed/gateway-and-proxy.ts'
import { startNginx } from '../testbed/nginx.ts'

/** The throughput and latency of the gateway, compared with a minimal proxy in front of the same upstream. */
export const gateway: Figure = {
  title: 'GET of one product through the gateway, all features on, 1,000 callers',
  async run(testbed, { ROUNDS, SECONDS, BENCH_PORT_BASE: portBase }) {
    const { url, bareUrl, upstreamUrl, file, first } = await startGateway(testbed, portBase)
    const nginx = await startNginx(testbed, upstreamUrl)
    const urls = { gateway: url, bare: bareUrl, ...(nginx && { nginx }) }
    for (const each of Object.values(urls)) await sendOnce(each, first)
    const sides = Object.entries(urls).map(([name, url]) => [name, () => load(url, file, SECONDS)])
    const rounds = await measureInTurns<Load, string>(ROUNDS, Object.fromEntries(sides), testbed.say)
    return [
      ...comparedRows('Express with undici', rounds.gateway!, rounds.bare!, { throughput: 0.55, p99: 2 }),
      ...(nginx ? comparedRows('nginx, one worker', rounds.gateway!, rounds.nginx!) : [])
    ]
  }
}

function comparedRows(what: string, measured: Load[], baseline: Load[], goals?: { throughput: number; p99: number }) {
  const valuesOf = (figure: 'perSecond' | 'p99', rounds: Load[]) => rounds.map(round => round[figure])
  return [
    comparedRow(
      { what, rounds: valuesOf('perSecond', baseline) },
      {
        what: 'gateway: throughput',
        unit: 'requests/s',
        rounds: valuesOf('perSecond', measured),
        ...(goals && { goal: { compare: 'ratio', min: goals.throughput } })
      }
    ),
    comparedRow(
      { what, rounds: valuesOf('p99', baseline) },
      {
        what: 'gateway: p99 of latency',
        unit: 'ms',
        rounds: valuesOf('p99', measured),
        ...(goals && { goal: { compare: 'ratio', max: goals.p99 } })
      }
    )
  ]
}
