import type { OpenTraffic, Traffic } from '@bulkhead/testing/traffic'
import { serviceExport } from '../../packages/cli/src/service-export.ts'
import type { Shop } from '../../packages/cli/src/shop.ts'
import { askGateway } from '../../packages/cli/src/smoke/ask.ts'
import type { Stack } from '../../packages/cli/src/stack.ts'
import { brokenOff } from './part.ts'

const FILE = 'test/traffic.ts'

/** Opens the traffic that a service has in its folder, on paths that use it. Fails for a service without. A check that is broken off is a finding. */
export async function openTraffic(stack: Stack, service: string, shop: Shop): Promise<Traffic> {
  const open = await serviceExport<OpenTraffic>(stack, service, FILE, 'traffic')
  if (!open) throw new Error(`there is no services/${service}/${FILE}`)
  const trafficOf = (name: string) => openTraffic(stack, name, shop)
  const traffic = await open({ ask: askGateway(shop), tokens: shop.tokens, trafficOf })
  return { ...traffic, check: () => traffic.check().catch(brokenOff('reading what was acknowledged')) }
}
