import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stack } from './stack.ts'

/** The services that a service calls, as its contract.json says. A service without one calls nobody; the gateway reaches every service. */
export function neededServices(stack: Stack, service: string): string[] {
  const others = stack.services.map(({ name }) => name).filter(name => name !== service)
  if (service === 'gateway') return others
  const file = join(stack.root, 'services', service, 'contract.json')
  if (!existsSync(file)) return []
  const { needs = {} } = JSON.parse(readFileSync(file, 'utf8')) as { needs?: Record<string, unknown> }
  return others.filter(name => name in needs)
}
