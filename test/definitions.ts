import { join } from 'node:path'
import type { Service } from '@bulkhead/chassis/service'
import * as z from 'zod'

const ROOT = join(import.meta.dirname, '..')

/** Loads the definition of a service from its `service.ts`. */
export async function definitionOf(service: string): Promise<Service> {
  const exported: Record<string, unknown> = await import(join(ROOT, 'services', service, 'src/service.ts'))
  const definition = Object.values(exported).find(isDefinition)
  if (!definition) throw new Error(`services/${service}/src/service.ts exports no definition`)
  return definition
}

const isDefinition = (value: unknown): value is Service =>
  (value as Partial<Service>).environment instanceof z.ZodObject
