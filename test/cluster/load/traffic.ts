import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenTraffic, Traffic } from '@bulkhead/testing/traffic'
import { serviceExport } from '../../../packages/cli/src/services/service-export.ts'
import type { Shop } from '../../../packages/cli/src/services/shop.ts'
import type { Stack } from '../../../packages/cli/src/services/stack.ts'
import { askGateway } from '../../../packages/cli/src/smoke/ask.ts'
import { failureOf } from '../part.ts'

/** The files that may define a service's traffic. A small service defines it in its smoke test. */
const FILES = ['test/traffic.ts', 'test/smoke.ts']

/** Opens the traffic of a service. Fails if the service has none. If its check fails to run, that is a finding. */
export async function openTraffic(stack: Stack, service: string, shop: Shop): Promise<Traffic> {
  const file = FILES.find(name => existsSync(join(stack.root, 'services', service, name)))
  const open = file && (await serviceExport<OpenTraffic>(stack, service, file, 'traffic'))
  if (!open) throw new Error(`services/${service} has no traffic in ${FILES.join(' or ')}`)
  const openOther = (name: string) => openTraffic(stack, name, shop)
  const traffic = await open({ ask: askGateway(shop), tokens: shop.tokens, trafficOf: openOther })
  return { ...traffic, check: () => traffic.check().catch(failureOf('reading the acknowledged writes')) }
}
