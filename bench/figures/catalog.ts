import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { localUrl } from '../../packages/cli/src/stack.ts'
import { customerTokens, staffToken } from '../../packages/cli/src/test-tokens.ts'
import { startBaseline } from '../baseline.ts'
import { rowsOfCpu } from '../cpu-per-request.ts'
import type { Figure } from '../figure.ts'
import { requestLines, tryOne } from '../load.ts'
import { publishProducts } from '../products.ts'
import { startServices } from '../services.ts'

const PRODUCTS = 100
const CALLERS = 1_000

/** The CPU that catalog takes to answer with a product, beside the least that does the same query on the same store. */
export const catalog: Figure = {
  title: 'GET of one product at catalog',
  async run(ground, settings) {
    const options = { services: ['catalog'], portBase: settings.BENCH_PORT_BASE }
    const { stack, daemons, storeUrls } = await startServices(ground, options)
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
    const sides = { service: { url, daemon: daemons.catalog! }, bare }
    return rowsOfCpu({ sides, file, settings, ground }, 'catalog: GET of one product', 'Express with mongodb', 1.6)
  }
}
