import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newId } from '@bulkhead/chassis/core'
import { localUrl } from '../../packages/cli/src/stack.ts'
import { customerTokens } from '../../packages/cli/src/test-tokens.ts'
import { startBaseline } from '../baseline.ts'
import { rowsOfCpu } from '../cpu-per-request.ts'
import type { Figure } from '../figure.ts'
import { requestLines, tryOne } from '../load.ts'
import { startServices } from '../services.ts'

/** So many that no line comes to its most pieces while it is measured. */
const CARTS = 1_000

/** The CPU that cart takes to add to a line, beside the least that does the same on the same durable Redis. */
export const cart: Figure = {
  title: 'POST of a line at cart, 1,000 carts',
  async run(ground, settings) {
    const options = { services: ['cart', 'catalog'], portBase: settings.BENCH_PORT_BASE }
    const { stack, daemons, storeUrls } = await startServices(ground, options)
    const url = localUrl(stack.services.find(({ name }) => name === 'cart')!.ports.api)
    const bare = await startBaseline(ground, 'cart-lines', { REDIS_URL: storeUrls.cart! })
    const body = { productId: newId('prd'), sku: 'BENCH-1', quantity: 1 }
    const requests = []
    for (const token of await customerTokens(stack, CARTS)) {
      const { id } = (await tryOne(url, { method: 'POST', path: '/carts', token })) as { id: string }
      requests.push({ method: 'POST', path: `/carts/${id}/lines`, token, body } as const)
    }
    const file = join(ground.folder, 'requests')
    writeFileSync(file, requestLines(requests))
    for (const address of [url, bare.url]) await tryOne(address, requests[0]!)
    const sides = { service: { url, daemon: daemons.cart! }, bare }
    return rowsOfCpu({ sides, file, settings, ground }, 'cart: adding to a line', 'Express with ioredis', 1.8)
  }
}
