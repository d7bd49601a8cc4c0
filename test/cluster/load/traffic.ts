import type { OpenTraffic, Traffic } from '@bulkhead/testing/traffic'
import { serviceExport } from '../../../packages/cli/src/service-export.ts'
import type { Shop } from '../../../packages/cli/src/shop.ts'
import { askGateway } from '../../../packages/cli/src/smoke/ask.ts'
import type { Stack } from '../../../packages/cli/src/stack.ts'
import { failureOf } from '../part.ts'

const FILE = 'test/traffic.ts'

/** Opens the traffic of a service's test/traffic.ts. Fails if the service has none. If its check fails to run, that is a finding. */
export async function openTraffic(stack: Stack, service: string, shop: Shop): Promise<Traffic> {
  const open = await serviceExport<OpenTraffic>(stack, service, FILE, 'traffic')
  if (!open) throw new Error(`services/${service}/${FILE} is missing`)
  const openOther = (name: string) => openTraffic(stack, name, shop)
  const traffic = await open({ ask: askGateway(shop), tokens: shop.tokens, trafficOf: openOther })
  return { ...traffic, check: () => traffic.check().catch(failureOf('reading the acknowledged writes')) }
}
