import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { localUrl } from '../../packages/cli/src/stack.ts'
import { startBaseline } from '../baseline.ts'
import { customerTokens, staffToken } from '../callers.ts'
import { loadAndCpu } from '../cpu-per-request.ts'
import { beside, type Figure } from '../figure.ts'
import { requestLines, tryOne } from '../load.ts'
import { publishProducts } from '../products.ts'
import { startServices } from '../services.ts'
import { inTurns } from '../turns.ts'

const PRODUCTS = 100
const CALLERS = 1_000

/** The CPU that catalog takes to answer with a product, beside the least that does the same query on the same store. */
export const catalog: Figure = {
  title: 'GET of one product at catalog',
  async run(ground, { ROUNDS, SECONDS, BENCH_PORT_BASE: portBase }) {
    const { stack, daemons, storeUrls } = await startServices(ground, { services: ['catalog'], portBase })
    const url = localUrl(stack.services[0]!.ports.api)
    const bare = await startBaseline(ground, 'products', { MONGODB_URL: storeUrls.catalog! })
    const products = await publishProducts(url, await staffToken(stack), PRODUCTS)
    const tokens = await customerTokens(stack, CALLERS)
    const requests = tokens.map((token, index) => {
      const path = `/products/${products[index % PRODUCTS]!.id}`
      return { method: 'GET', path, token } as const
    })
    const file = join(ground.folder, 'requests')
    writeFileSync(file, requestLines(requests))
    for (const address of [url, bare.url]) await tryOne(address, requests[0]!)

    const rounds = await inTurns(
      ROUNDS,
      {
        catalog: () => loadAndCpu(daemons.catalog!, url, file, SECONDS),
        bare: () => loadAndCpu(bare.daemon, bare.url, file, SECONDS)
      },
      ground.say
    )
    const what = 'Express with mongodb'
    return [
      beside(
        { what, rounds: rounds.bare.map(({ microseconds }) => microseconds) },
        {
          what: 'catalog: CPU for a GET of one product',
          unit: 'µs',
          rounds: rounds.catalog.map(({ microseconds }) => microseconds),
          goal: { of: 'ratio', most: 1.6 }
        }
      ),
      beside(
        { what, rounds: rounds.bare.map(({ perSecond }) => perSecond) },
        {
          what: 'catalog: throughput of GETs of one product',
          unit: 'requests/s',
          rounds: rounds.catalog.map(({ perSecond }) => perSecond)
        }
      )
    ]
  }
}
