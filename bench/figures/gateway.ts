import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { localUrl } from '../../packages/cli/src/stack.ts'
import { startBaseline } from '../baseline.ts'
import { customerTokens } from '../callers.ts'
import { beside, type Figure } from '../figure.ts'
import { type Load, type LoadRequest, load, requestLines, tryOne } from '../load.ts'
import { startNginx } from '../nginx.ts'
import { startServices, untilRouted } from '../services.ts'
import { inTurns } from '../turns.ts'

const CALLERS = 1_000
/** All requests come from one address, of many accounts: theirs is the usual rate. */
const RATES = { RATE_LIMIT_CLIENT: '100000' }
const PATH = '/api/v1/catalog/products/prd_01k9zq4x5pe8x9v6g3n7t2m1cd'

/** What the gateway lets through beside a proxy that does nothing else, both before the same upstream. */
export const gateway: Figure = {
  title: 'GET of one product through the gateway, all features on, 1,000 callers',
  async run(ground, { ROUNDS, SECONDS, BENCH_PORT_BASE: portBase }) {
    const upstream = await startBaseline(ground, 'upstream')
    const bare = await startBaseline(ground, 'proxy', { UPSTREAM: upstream.url })
    const nginx = await startNginx(ground, upstream.url)
    const upstreamUrls = { catalog: upstream.url }
    const running = await startServices(ground, { services: ['gateway'], portBase, upstreamUrls, environment: RATES })
    await untilRouted(running, PATH)
    const tokens = await customerTokens(running.stack, CALLERS)
    const requests = tokens.map((token): LoadRequest => ({ method: 'GET', path: PATH, token }))
    const file = join(ground.folder, 'requests')
    writeFileSync(file, requestLines(requests))
    const urls = { gateway: localUrl(portBase), bare: bare.url, ...(nginx && { nginx }) }
    for (const url of Object.values(urls)) await tryOne(url, requests[0]!)

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
