import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { localUrl } from '../../packages/cli/src/services/stack.ts'
import { customerTokens, staffToken } from '../../packages/cli/src/tokens/test-tokens.ts'
import { cpuRows } from '../load/cpu-per-request.ts'
import { requestLines, sendOnce } from '../load/wrk.ts'
import type { Figure } from '../report/rows.ts'
import { publishProducts } from '../shop/products.ts'
import { startBaseline } from '../testbed/baseline.ts'
import { startServices } from '../testbed/services.ts'

const PRODUCTS = 100
const CALLERS = 1_000

/** The CPU that catalog uses to answer with a product, compared with a minimal server that runs the same query on the same store. */
export const catalog: Figure = {
  title: 'GET of one product at catalog',
  async run(testbed, settings) {
    const options = { services: ['catalog'], portBase: settings.BENCH_PORT_BASE }
    const { stack, daemons, storeUrls } = await startServices(testbed, options)
    const url = localUrl(stack.services[0]!.ports.api)
    const bare = await startBaseline(testbed, 'products', { MONGODB_URL: storeUrls.catalog! })
    const products = await publishProducts(url, await staffToken(stack), PRODUCTS)
    const tokens = await customerTokens(stack, CALLERS)
    const requests = tokens.map((token, index) => {
      const path = `/products/${products[index % PRODUCTS]!.id}`
      return { method: 'GET', path, token } as const
    })
    const file = join(testbed.folder, 'requests')
    writeFileSync(file, requestLines(requests))
    for (const address of [url, bare.url]) await sendOnce(address, requests[0]!)
    const sides = { service: { url, daemon: daemons.catalog! }, bare }
    return cpuRows({ sides, file, settings, testbed }, 'catalog: GET of one product', 'Express with mongodb', 1.6)
  }
}
