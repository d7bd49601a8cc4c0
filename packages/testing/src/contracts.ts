import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')

/** A service's contract as tests use it: its digest, and its OpenAPI document with all references replaced by their targets. */
export type ServiceContract = { digest: string; provides: { openapi: { paths: Record<string, object> } } }

/** Returns the names of all services that have a contract. */
export const serviceNames = () =>
  globSync('services/*/contract.json', { cwd: ROOT })
    .map(file => basename(dirname(file)))
    .sort()

/** Reads the contract of a service from its contract.json and openapi.json. */
export function contractOfService(service: string): ServiceContract {
  const folder = join(ROOT, 'services', service)
  const { digest } = readJson(join(folder, 'contract.json')) as { digest: string }
  const openapi = resolve(readJson(join(folder, 'openapi.json')), join(folder, 'openapi.json'))
  return { digest, provides: { openapi: openapi as ServiceContract['provides']['openapi'] } }
}

/** Copies a part of a document and replaces its references. Never ends for a circular reference, but no contract has one. */
function resolve(value: unknown, file: string): unknown {
  if (Array.isArray(value)) return value.map(item => resolve(item, file))
  if (typeof value !== 'object' || value === null) return value
  const { $ref, ...others } = value as Record<string, unknown>
  const own = Object.fromEntries(Object.entries(others).map(([key, below]) => [key, resolve(below, file)]))
  if (typeof $ref !== 'string') return own
  const [other = '', pointer = ''] = $ref.split('#')
  const target = other === '' ? file : join(dirname(file), other)
  const definition = pointer
    .split('/')
    .slice(1)
    .reduce((document: unknown, name) => (document as Record<string, unknown>)[name], readJson(target))
  return { ...(resolve(definition, target) as object), ...own }
}

const documents = new Map<string, unknown>()

function readJson(file: string): unknown {
  if (!documents.has(file)) documents.set(file, JSON.parse(readFileSync(file, 'utf8')))
  return documents.get(file)
}
