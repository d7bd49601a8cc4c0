import { join } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'
import type { Stack } from './stack.ts'

/** The services that a service calls, as its contract.json says. A service without one calls nobody; the gateway reaches every service. */
export function neededServices(stack: Stack, service: string): string[] {
  const others = stack.services.map(({ name }) => name).filter(name => name !== service)
  if (service === 'gateway') return others
  const { needs = {} } = contractOf(stack, service) ?? {}
  return others.filter(name => name in needs)
}

/** What the command reads of a contract.json. */
type Contract = {
  provides?: { callers?: string[]; events?: { type: string }[] }
  needs?: Record<string, unknown>
  handles?: string[]
}

/** The contract of a service; undefined for one without. */
export const contractOf = (stack: Stack, service: string) => documentOf<Contract>(stack, service, 'contract.json')

/** Whether a service has an operation at a path, as its openapi.json says. */
export function hasPath(stack: Stack, service: string, path: string): boolean {
  const openapi = documentOf<{ paths: Record<string, unknown> }>(stack, service, 'openapi.json')
  return openapi?.paths[path] !== undefined
}

function documentOf<T>(stack: Stack, service: string, file: string): T | undefined {
  const text = readOptionalFile(join(stack.root, 'services', service, file))
  return text === undefined ? undefined : JSON.parse(text)
}
