import { beside, type Figure } from '../figure.ts'
import { startGateway } from '../gateway-ground.ts'
import { type Load, load, tryOne } from '../load.ts'
import { startNginx } from '../nginx.ts'
import { inTurns } from '../turns.ts'

/** What the gateway lets through beside a proxy that does nothing else, both before the same upstream. */
export const gateway: Figure = {
  title: 'GET of one product through the gateway, all features on, 1,000 callers',
  async run(ground, { ROUNDS, SECONDS, BENCH_PORT_BASE: portBase }) {
    const { url, bareUrl, upstreamUrl, file, first } = await startGateway(ground, portBase)
    const nginx = await startNginx(ground, upstreamUrl)
    const urls = { gateway: url, bare: bareUrl, ...(nginx && { nginx }) }
    for (const each of Object.values(urls)) await tryOne(each, first)
    const sides = Object.entries(urls).map(([name, url]) => [name, () => load(url, file, SECONDS)])
    const rounds = await inTurns<Load, string>(ROUNDS, Object.fromEntries(sides), ground.say)
    return [
      ...rowsBeside('Express with undici', rounds.gateway!, rounds.bare!, { throughput: 0.55, p99: 2 }),
      ...(nginx ? rowsBeside('nginx, one worker', rounds.gateway!, rounds.nginx!) : [])
    ]
  }
}

function rowsBeside(what: string, measured: Load[], baseline: Load[], goals?: { throughput: number; p99: number }) {
  const of = (figure: 'perSecond' | 'p99', rounds: Load[]) => rounds.map(round => round[figure])
  return [
    beside(
      { what, rounds: of('perSecond', baseline) },
      {
        what: 'gateway: throughput',
        unit: 'requests/s',
        rounds: of('perSecond', measured),
        ...(goals && { goal: { of: 'ratio', least: goals.throughput } })
      }
    ),
    beside(
      { what, rounds: of('p99', baseline) },
      {
        what: 'gateway: p99 of latency',
        unit: 'ms',
        rounds: of('p99', measured),
        ...(goals && { goal: { of: 'ratio', most: goals.p99 } })
      }
    )
  ]
}
