import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newId } from '@bulkhead/chassis/core'
import { localUrl } from '../../packages/cli/src/services/stack.ts'
import { customerTokens } from '../../packages/cli/src/tokens/test-tokens.ts'
import { cpuRows } from '../load/cpu-per-request.ts'
import { requestLines, sendOnce } from '../load/wrk.ts'
import type { Figure } from '../report/rows.ts'
import { startBaseline } from '../testbed/baseline.ts'
import { startServices } from '../testbed/services.ts'

/** The number of carts, which is high enough that no line reaches its maximum quantity during the measurement. */
const CARTS = 1_000

/** The CPU that cart uses to add to a line, compared with a minimal server that does the same on the same durable Redis. */
export const cart: Figure = {
  title: 'POST of a line at cart, 1,000 carts',
  async run(testbed, settings) {
    const options = { services: ['cart', 'catalog'], portBase: settings.BENCH_PORT_BASE }
    const { stack, daemons, storeUrls } = await startServices(testbed, options)
    const url = localUrl(stack.services.find(({ name }) => name === 'cart')!.ports.api)
    const bare = await startBaseline(testbed, 'cart-lines', { REDIS_URL: storeUrls.cart! })
    const body = { productId: newId('prd'), sku: 'BENCH-1', quantity: 1 }
    const requests = []
    for (const token of await customerTokens(stack, CARTS)) {
      const { id } = (await sendOnce(url, { method: 'POST', path: '/carts', token })) as { id: string }
      requests.push({ method: 'POST', path: `/carts/${id}/lines`, token, body } as const)
    }
    const file = join(testbed.folder, 'requests')
    writeFileSync(file, requestLines(requests))
    for (const address of [url, bare.url]) await sendOnce(address, requests[0]!)
    const sides = { service: { url, daemon: daemons.cart! }, bare }
    return cpuRows({ sides, file, settings, testbed }, 'cart: adding to a line', 'Express with ioredis', 1.8)
  }
}
