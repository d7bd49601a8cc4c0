import { join } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'
import type { Stack } from './stack.ts'

/** Returns the services that a service calls, by its contract.json; none without that file. The gateway calls every other service. */
export function neededServices(stack: Stack, service: string): string[] {
  const others = stack.services.map(({ name }) => name).filter(name => name !== service)
  if (service === 'gateway') return others
  const { needs = {} } = contractOf(stack, service) ?? {}
  return others.filter(name => name in needs)
}

/** The fields of a contract.json that the commands read. */
type Contract = {
  provides?: { callers?: string[]; events?: { type: string }[] }
  needs?: Record<string, unknown>
  handles?: string[]
}

/** Reads the contract of a service; undefined if the service has none. */
export const contractOf = (stack: Stack, service: string) => documentOf<Contract>(stack, service, 'contract.json')

/** True if a service publishes or handles events. */
export function usesEventLog(stack: Stack, service: string): boolean {
  const { provides, handles = [] } = contractOf(stack, service) ?? {}
  return Object.keys(provides?.events ?? {}).length > 0 || handles.length > 0
}

/** True if a service has an operation at this path in its openapi.json. */
export function hasPath(stack: Stack, service: string, path: string): boolean {
  const openapi = documentOf<{ paths: Record<string, unknown> }>(stack, service, 'openapi.json')
  return openapi?.paths[path] !== undefined
}

function documentOf<T>(stack: Stack, service: string, file: string): T | undefined {
  const text = readOptionalFile(join(stack.root, 'services', service, file))
  return text === undefined ? undefined : JSON.parse(text)
}
